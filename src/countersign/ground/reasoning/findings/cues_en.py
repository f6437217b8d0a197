"""What denies, doubts or dates a finding in English notes and conversations.

The kinds of cue are those of NegEx (Chapman et al. 2001) and ConText (Harkema et al. 2009); the
words are our own.
"""

from __future__ import annotations

import re

from .cues import Kind, Rules, backward, forward, pattern

_CHAIN = r"\s*(?:,|/)?\s*(?:and/or|and|or|nor)?\s*(?:any |the |a )?"
_LINK = r"\s*(?:is|was|were|are|has been|have been|had been|been|:|-)?\s*(?:also |now |currently )?"

_MASK = pattern(
    r"\b(?:no (?:significant |real |appreciable )?(?:increase|change|improvement|relief|better"
    r"|wonder)"
    r"|not (?:only|necessarily|just|really better|improv\w+|resolv\w+|go(?:ing|ne)? away|help\w*|"
    r"getting (?:any )?better|respond\w*|control\w*|settl\w+|worse)|gram[ -]negative"
    r"|without difficulty"
    r"|no problem(?= )|no question|history of (?:the )?present\w*(?: illness)?|no longer able"
    r"|(?:did|does|has|had|is|was)(?:n't| not) (?:go away|help\w*|improv\w+|resolv\w+|respond\w*"
    r"|get(?:ting)? better|work|settl\w+|take|tak\w+|sleep|slept)|not (?:take|taking|taken)|no idea"
    r"|not (?:drink|drinking|smok\w+)|last (?:few|couple)|no matter|can(?:no|')t (?:sleep|breathe)"
    r"|no known cause|without (?:any )?(?:cause|trigger|relief|improvement|provocation|warning)"
    r"|(?:history|symptoms|pain) (?:started|began)|with or without)\b"
)
_HAVE = (
    r"(?: (?:have|had|having|has|been|get|getting|feel|felt|experienc\w+|notic\w+|seen|report\w*))?"
)
_BE = (
    r"(?: (?:this|it|that|he|she|they|there|i|the patient))?(?: (?:is|was|be|has|have|had))?"
    r"(?: (?:a|an|some|having))?"
)
_STOP = (
    r"\b(?:but|however|although|though|yet|except|aside from|apart from|besides|presents?|presented"
    r"|presenting|complain\w*|reports?|reported|states?|stated|has|had|have|having|is|was|are|were"
    r"|with|who|which|because|since|due to|secondary to|now|today|currently|then|i|he|she|they"
    r"|patient|on exam\w*|positive for|admits?|endorses?|develops?|developed|started|starts|does"
    r"|shows?|showed|reveals?|revealed|there|when|while|after|causing|caused|only|until|otherwise"
    r"|notes|noted|consistent|remains|still|instead|just|because|following)\b"
)
_KIN = (
    r"\b(?:in (?:the|my|his|her|their) family|family history(?: is| was)?"
    r"(?: of| significant for| positive for|:)?|fhx?:"
    r"|(?:mother|father|mom|mum|dad|parents?|sisters?|brothers?|siblings?|grand(?:mother|father"
    r"|parents?"
    r"|ma|pa|dad|mum|mom)|aunts?|uncles?|cousins?|sons?|daughters?|wife|husband|relatives?"
    r"|family members?|maternal|paternal|nieces?|nephews?|roommates?|co-?workers?|classmates?)"
    r"(?!'s?\b)(?! (?:also )?(?:reports?|states?|says?|said|notic\w+|notes?|noted|brought|thinks|"
    r"describes?|denies|tells|told|is worried|was worried|is concerned|gave|gives|feels that)))"
)

RULES = Rules(
    mask=_MASK,
    chain=_CHAIN,
    patterns=(
        forward(
            Kind.UNREAL,
            r"\b(?:if|should (?:you|he|she|there|any)|in case(?: of)?|(?:return|call|come back"
            r"|present)"
            r"(?: (?:to|us|me|the|our|back|immediately|here|er|ed|clinic|office"
            r"|hospital))* (?:if|for|with)"
            r"|watch (?:out )?for|monitor(?:ed|ing)? for|look out for|unless|to prevent"
            r"|prevent(?:s|ion of|ing)?|prophylaxis (?:for|of|against)|vaccin\w+ (?:for|against)"
            r"|side effects?|adverse (?:effects?|reactions?)|can cause|may cause|could cause"
            r"|might cause"
            r"|risks? (?:of|for)|warned (?:of|about)|precautions|increased risk|screen\w* for"
            r"|evaluat\w+ for|tested for|test for|check\w* for|to avoid)\b",
        ),
        backward(
            Kind.UNREAL,
            r" (?:prevention|prophylaxis|screening|vaccin\w+|precautions|risk)\b",
            _CHAIN,
        ),
        forward(
            Kind.DOUBT,
            r"\b(?:possibl[ey]|probabl[ey]|maybe|perhaps|may (?:have|be|represent|reflect)"
            r"|might (?:have|be|represent)|could (?:have|be|represent|reflect)|suspect\w*"
            r"|suspicio\w+"
            r"(?: for| of)?|concern(?:ing|ed)? (?:for|about|of|that)|rule[- ]?out|to rule out"
            r"|r/o|query"
            r"|question of|questionable|presumed|presumptive|(?:un)?likely(?: to be)?"
            r"|suggest\w*(?: of)?"
            r"|appears to|consider\w*"
            r"|differential(?: diagnosis)?(?: includes)?|versus|vs\.?|cannot (?:be )?(?:exclude"
            r"|rule out)"
            r"|can't (?:exclude|rule out)|(?:not|un)(?: |-)?(?:sure|clear|certain) (?:if|whether"
            r"|about)"
            r"|whether|worried (?:about|that|it|i)|wonder\w* (?:if|about|whether)|to exclude"
            r"|think it)\b",
            then=_BE,
        ),
        backward(
            Kind.DOUBT,
            rf"{_LINK}(?:remains )?(?:suspected|possible|probable|likely|unlikely"
            rf"|cannot be (?:excluded|ruled out)"
            r"|in question|questionable|not excluded|[?]|less likely)",
            _CHAIN,
        ),
        forward(
            Kind.DENY,
            r"\b(?:no longer(?: has| have| having)?"
            r"|(?:no one|nobody)(?: (?:in|at) \w+ \w+)? (?:has|had|have)"
            r"|no(?: (?:evidence|signs?|complaints?|history|known|significant|further|new"
            r"|acute|obvious|"
            r"symptoms|indication|suggestion|reports?|recent|associated|current|prior|previous"
            r"|real|"
            r"definite|clinical|other|palpable|audible))*(?: (?:of|to suggest|for))?"
            rf"|den(?:ies|ied|ying|y)(?: (?:that|he|she|they|i|ever|any))*{_HAVE}(?: any)?"
            rf"|without(?: (?:any|evidence|signs?|associated|obvious))*(?: of)?|negative for"
            rf"|free (?:of|from)|absence of"
            rf"|never{_HAVE}(?: any)?|(?:has|have|had|did|does|do|is|was|are|were)(?:n't"
            rf"| not){_HAVE}(?: any)?"
            rf"|not{_HAVE}(?: any| complain\w* of)?|(?:ruled|rules) out(?: for)?|lack of|nor"
            rf"|neither|none of)\b",
        ),
        backward(
            Kind.DENY,
            rf"{_LINK}(?:absent|negative|denied|not (?:present|noted|seen|found|observed"
            rf"|appreciated|"
            r"detected|reported|evident|there)|ruled out|excluded|none\b|no\b(?=[.,;]|$)"
            r"|[(]\s*-\s*[)])",
            _CHAIN,
        ),
        forward(Kind.FAMILY, _KIN),
        forward(
            Kind.PAST,
            r"(?<!family )\b(?:history (?:of|significant for|includes|notable for|:)|h/o|hx(?: of)?"
            r"|past (?:medical |surgical )?history(?: is)?(?: of| significant for| notable for"
            r"| includes|:)?"
            r"|pmhx?(?: of| significant for|:)?|previous(?:ly)?|prior|in the past"
            r"|used to (?:have|get|be)"
            r"|(?:as|when) (?:a child|i was|he was|she was|an infant)|childhood|formerly"
            r"|status post|s/p|last (?:year|winter|summer|spring))\b",
        ),
        backward(
            Kind.PAST,
            r"[^▪.,]{0,30}\b(?:in the past|years? ago|as a child|in childhood|last year|(?:has "
            r"|have |had )?"
            r"(?:since |now |completely )?resolved|(?:has|have|is|are) (?:now )?gone|went away"
            r"|has settled"
            r"|no longer (?:present|there))",
            _CHAIN,
        ),
        forward(Kind.STOP, _STOP),
        forward(
            Kind.OWN, r"\b(?:patient|pt|i|child|baby|presents?|presented|now|today|currently)\b"
        ),
    ),
    goes_on=pattern(r"\s*(?:or |and |nor |any |no )*\s*"),
    asks=re.compile(r"[?？]\s*$"),
    yes=re.compile(
        r"\s*(?:yes|yeah|yep|yup|i do|i have|i am|sure|definitely|correct|right|a little"
        r"|sometimes|mm-?hmm|uh-?huh)\b",
        re.I,
    ),
    no=re.compile(r"\s*(?:no|nope|nah|not|none|never|i don't|i haven't|negative|neither)\b", re.I),
    opines=re.compile(
        r"\b(?:usually|often|commonly|typically|generally|sometimes|people|patients|tends? to)\b",
        re.I,
    ),
)
