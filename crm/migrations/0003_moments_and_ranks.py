"""Touchpoints are ordered within a day; moments come from crm.clock."""

from django.db import migrations, models

import crm.clock

WHO = ('partner', 'lab', 'professor', 'student')
MOMENTS = {
    'attendance': ('created_at',),
    'consent': ('granted_at',),
    'contact': ('updated_at',),
    'contactrevision': ('at',),
    'disclosure': ('at',),
    'evaluation': ('given_at',),
    'finalreport': ('uploaded_at',),
    'hire': ('created_at',),
    'immersion': ('created_at',),
    'introduction': ('asked_at',),
    'mail': ('created_at', 'due_at'),
    'onetimelink': ('created_at',),
    'outcome': ('created_at',),
    'recommendation': ('created_at',),
    'stagechange': ('at',),
    'student': ('created_at', 'updated_at'),
    'user': ('date_joined',),
}
"""Model -> its fields."""
ACCESS = models.DateTimeField(default=crm.clock.now, editable=False, help_text='Sessions and tokens made before are void.')


def moment(model, name):
    editable = (model, name) != ('student', 'created_at')
    return migrations.AlterField(model, name, models.DateTimeField(default=crm.clock.now, editable=editable))


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0002_people_and_conversations'),
    ]

    operations = [
        # The database knows no default: SQLite would write all these tables anew for nothing.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                *(moment(model, name) for model, names in MOMENTS.items() for name in names),
                migrations.AlterField('user', 'access_since', ACCESS),
            ]
        ),
        migrations.AlterModelOptions(
            name='touchpoint',
            options={'ordering': ['-date', '-rank', '-record']},
        ),
        *(migrations.RemoveIndex('touchpoint', f'crm_touchpoint_{who}_idx') for who in WHO),
        migrations.AddField(
            model_name='touchpoint',
            name='rank',
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(kind='seminar', then=models.Value(0)),
                    models.When(kind='contact', then=models.Value(1)),
                    models.When(kind='recommendation', then=models.Value(2)),
                    models.When(kind='introduction', then=models.Value(3)),
                    models.When(kind='immersion', then=models.Value(4)),
                    models.When(kind='evaluation', then=models.Value(5)),
                    models.When(kind='offer', then=models.Value(6)),
                    models.When(kind='hire', then=models.Value(7)),
                    default=models.Value(8),
                ),
                output_field=models.PositiveSmallIntegerField(),
            ),
        ),
        *(
            migrations.AddIndex(
                'touchpoint', models.Index(fields=[who, 'date', 'rank', 'record'], name=f'crm_touchpoint_{who}_idx')
            )
            for who in WHO
        ),
    ]
