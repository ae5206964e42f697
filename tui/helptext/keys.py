"""Help about keys: what each does on every panel that has no text of its own about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "keys": (
            "Keys: Enter processes, F1 helps, F3 leaves the function, F4 lists values, F5 reads "
            "again, F12 goes one step back, F21 prints. Page Down and Page Up roll. Tab, Shift+Tab "
            "and Ctrl+N go from field to field; Ctrl+K is Field Exit, Ctrl+X Field+, Ctrl+Y "
            "Field-, Ctrl+E Erase Input, Ctrl+O Home, Insert changes between insert and replace. "
            "Where a function key does not arrive: Esc, then 1 to = for F1 to F12, Esc, then ! to "
            "+ for F13 to F24. Ctrl+P lists all that can be done here."
        ),
        "key.F1": (
            "Help about what the cursor is on: a field or its label, a column, an option or a key "
            "of the legend; anywhere else about the panel."
        ),
        "key.F2": "Extended help: the text about the whole panel, and the keys.",
        "key.F3": (
            "Leaves the function and goes back to the main menu; there, ends the workbench. Behind "
            "help it goes back to the panel."
        ),
        "key.F4": (
            "Lists the values of the field that the cursor is in; 1 beside a value takes it. "
            "Behind ===> it shows the panel of the command that is typed there."
        ),
        "key.F5": "Reads the data again; options that were typed and not processed are forgotten.",
        "key.F6": "Creates or adds: shows an empty panel, and Enter on that one saves.",
        "key.F9": "Brings the last command back behind ===>.",
        "key.F11": "Turns to the other view of the same list, and back.",
        "key.F12": (
            "Goes one step back, without doing what is typed on this panel. The panel before shows "
            "again what was typed there."
        ),
        "key.F17": "Goes to the top of the list.",
        "key.F18": "Goes to the bottom of the list.",
        "key.F19": "Moves the view to the left, over lines longer than the screen is wide.",
        "key.F20": "Moves the view to the right, over lines longer than the screen is wide.",
        "key.F21": (
            "Prints into a file: a list from its first row to its last, any other panel as it is "
            "on the screen. The message says where the file is."
        ),
    }
)
