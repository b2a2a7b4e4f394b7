"""The sequence that a new installation starts with: four weeks, three e-mails and a message on LinkedIn.

The texts fit any company and promise nothing, so that they can be sent as they are; an admin makes them their own.
"""

from .models import Sequence, SequenceVersion, Step, Template

NAME = "Four weeks"

# Where the person was found and how to object is said below every e-mail (footers.py).
_CLOSING = """
Kind regards
{{ sender_name }}
"""

_INTRODUCTION = """\
Hello {{ first_name | there }},

I would like to find out whether our work could be useful to {{ company | your company }}.

As {{ job_title | somebody who knows the company }}, you can surely say whether this is a matter for you or for a \
colleague. Would you have fifteen minutes for a call this week or next? A line with a time that suits you is enough.
"""

_FOLLOW_UP = """\
Hello {{ first_name | there }},

Some days ago I asked whether our work could be useful to {{ company | your company }}. A note like that is easily \
lost among everything else, so here it is again.

Is somebody else the right person to ask? Then a name would help me. Is it the wrong moment? Then tell me when I may \
ask again.
"""

_LINKEDIN = """\
Hello {{ first_name | there }}, I would like to find out whether our work could be useful to \
{{ company | your company }}. Are you the right person to ask, or would it be a colleague? \
If you say no, I will not write again. {{ sender_name }}"""

_LAST = """\
Hello {{ first_name | there }},

I have not heard from you, so I take it that this is not the time. This is my last message about it.

Should it become a matter for {{ company | your company }} later, a reply to this e-mail reaches me.
"""

# Channel, business days after the step before (the first: after enrolment), template name, subject, body.
STEPS = [
    ("email", 1, "Week 1: introduction", "A question for {{ company | your company }}", _INTRODUCTION + _CLOSING),
    ("email", 5, "Week 2: follow-up", "Again: a question for {{ company | your company }}", _FOLLOW_UP + _CLOSING),
    ("linkedin", 5, "Week 3: LinkedIn message", "", _LINKEDIN),
    ("email", 5, "Week 4: last e-mail", "A last note to {{ company | your company }}", _LAST + _CLOSING),
]


def create() -> None:
    """Write the sequence down, unless there is one already. A template of the same name is used as it stands."""
    if Sequence.objects.exists():
        return
    version = SequenceVersion.objects.create(sequence=Sequence.objects.create(name=NAME), number=1)
    for position, (channel, delay, name, subject, body) in enumerate(STEPS, start=1):
        template, _ = Template.objects.get_or_create(name=name, defaults={"subject": subject, "body": body})
        Step.objects.create(version=version, position=position, channel=channel, delay_days=delay, template=template)
