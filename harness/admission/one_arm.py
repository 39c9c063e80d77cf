"""Has a claim the arms that it speaks of: two, or one? Asked when its file is collected."""

from harness.declarations.claim import Question
from harness.declarations.hypotheses import ShareAbove
from harness.errors import ClaimDefinitionError


def check_one_arm(question: Question) -> None:
    """Refuse what is no share of one arm, no number of one arm against another, nor two arms.

    Raises ClaimDefinitionError.
    """
    rules = [question.endpoint, *(a.endpoint for a in question.alternatives)]
    against = [rule.against is not None for rule in rules]
    control = question.control is not None
    share = isinstance(question.hypothesis, ShareAbove)
    if any(against) is not all(against):
        got, expected = "against= in some of endpoint and alternatives", "it in all or in none"
    elif (share or against[0]) and control:
        got = f"one beside {'ShareAbove' if share else 'an endpoint against= a printed number'}"
        expected = "none, as the claim is about one arm; remove control="
    elif not (share or against[0] or control):
        got = f"none beside {type(question.hypothesis).__name__}"
        expected = "control=, or an endpoint against= a number of the paper, or ShareAbove"
    else:
        return
    raise ClaimDefinitionError(f"{question.where}: control: got {got}; expected {expected}")
