"""The names in HTML that matter: handlers, elements that run, attributes that hold URLs."""

from __future__ import annotations

from epm.sanitize.wordlists import word_set

#: Handlers, by name: in a place without a tag, "on" begins too many honest words.
EVENTS = word_set(
    "onabort onactivate onafterprint onafterscriptexecute onanimationcancel onanimationend "
    "onanimationiteration onanimationstart onauxclick onbeforeactivate onbeforecopy "
    "onbeforecut onbeforedeactivate onbeforeinput onbeforematch onbeforepaste onbeforeprint "
    "onbeforescriptexecute onbeforetoggle onbeforeunload onbegin onblur onbounce oncanplay "
    "oncanplaythrough oncancel onchange onclick onclose oncontentvisibilityautostatechange "
    "oncontextmenu oncopy oncuechange oncut ondataavailable ondatasetchanged "
    "ondatasetcomplete ondblclick ondeactivate ondrag ondragend ondragenter ondragleave "
    "ondragover ondragstart ondrop ondurationchange onemptied onend onended onerror "
    "onfilterchange onfinish onfocus onfocusin onfocusout onformchange onforminput "
    "onfullscreenchange ongotpointercapture onhashchange onhelp oninput oninvalid onkeydown "
    "onkeypress onkeyup onlayoutcomplete onload onloadeddata onloadedmetadata onloadend "
    "onloadstart onlosecapture onlostpointercapture onmessage onmessageerror onmousedown "
    "onmouseenter onmouseleave onmousemove onmouseout onmouseover onmouseup onmousewheel "
    "onmove onmozfullscreenchange onoffline ononline onpagehide onpageshow onpagereveal "
    "onpageswap onpaste onpause onplay onplaying onpointercancel onpointerdown onpointerenter "
    "onpointerleave onpointermove onpointerout onpointerover onpointerrawupdate onpointerup "
    "onpopstate onprogress onpropertychange onratechange onreadystatechange onrepeat onreset "
    "onresize onrowenter onrowexit onrowsdelete onrowsinserted onscroll onscrollend "
    "onscrollsnapchange onscrollsnapchanging onsearch onsecuritypolicyviolation onseeked "
    "onseeking onselect onselectionchange onselectstart onshow onslotchange onstalled onstart "
    "onstop onstorage onsubmit onsuspend onsyncrestored ontimeerror ontimeupdate ontoggle "
    "ontouchcancel ontouchend ontouchmove ontouchstart ontrackchange ontransitioncancel "
    "ontransitionend ontransitionrun ontransitionstart onunhandledrejection onunload "
    "onurlflip onvolumechange onwaiting onwebkitanimationend onwebkitanimationiteration "
    "onwebkitanimationstart onwebkitmouseforceup onwebkitmouseforcewillbegin "
    "onwebkitplaybacktargetavailabilitychanged onwebkittransitionend onwheel"
)
#: Words that begin as handlers do.
NOT_EVENTS = word_set("once only one ones onto onward onwards online ongoing onboarding")
#: Elements that load or are code, whatever their attributes say.
ACTIVE_ELEMENTS = word_set(
    "script iframe object embed applet frame frameset layer ilayer bgsound import isindex xml "
    "portal fencedframe handler listener set animate animatetransform animatemotion "
    "foreignobject"
)
#: Attributes whose value is, or holds, a URL that is followed or loaded.
URL_ATTRIBUTES = word_set(
    "href src action formaction data xlink:href background dynsrc lowsrc poster code codebase "
    "classid archive manifest from to values by cite longdesc usemap profile ping srcset "
    "folder content target icon value implementation datasrc url"
)
