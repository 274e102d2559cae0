import pytest
def test_p(world, client):
    import cProfile,pstats
    c=client("office")
    p=f"/api/v1/students/{world.sonya.public_id}/"
    c.patch(p,{"headline":"x"})
    pr=cProfile.Profile(); pr.enable()
    for i in range(30): c.patch(p,{"headline":"x"})
    pr.disable(); pstats.Stats(pr).sort_stats("cumtime").print_stats(45)
