"""What SQL says of a partner's own processes agrees with the machines."""

from crm.querysets.people import OWN_PROCESSES
from crm.stages import MACHINES


def test_the_processes_that_name_a_student_are_those_of_the_machines() -> None:
    for model, condition in OWN_PROCESSES.items():
        [(_, states)] = condition.children
        named = {name for name, stage in MACHINES[model.lower()].states.items() if stage.own_process}
        assert named == ({states} if isinstance(states, str) else set(states))
