"""``<pgm>``: marshals, calls, and answers."""

from __future__ import annotations

from epm.errors import FormatError, UnsupportedError
from simulators.xmlservice.coding import parse_coding
from simulators.xmlservice.context import Context, finish, on_error
from simulators.xmlservice.copyin import CopyIn
from simulators.xmlservice.copying import CopyError
from simulators.xmlservice.copyout import CopyOut
from simulators.xmlservice.document import Element, Text, Verbatim
from simulators.xmlservice.failures import Code, Failures
from simulators.xmlservice.host import (
    FunctionMissingError,
    ProgramFaultError,
    ProgramMissingError,
)
from simulators.xmlservice.layout import Area, Echo, Program, Step, has_data, parse_step
from simulators.xmlservice.storage import MAX_STORAGE, Storage

_STEPS = frozenset(("parm", "return", "overlay"))


def run_program(context: Context, element: Element) -> bool:
    """Run a ``<pgm>`` and return whether the script goes on."""
    how = on_error(element, "on")
    program = None
    ok = False
    storage = None
    hint = element.hint
    try:
        program = parse_program(element)
        storage = CopyIn(program, context.count).run()
    except CopyError as error:
        _not_copied(context.failures, hint, error, copying_in=True)
    except (FormatError, UnsupportedError) as error:
        _not_copied(context.failures, hint, CopyError(str(error), hint, ""), copying_in=True)
    if program is not None and storage is not None:
        ok = bool(context.test) or _call(context, program, storage, hint)
    context.out.write(element.start + "\n")
    mark = context.out.mark()
    if ok:
        assert program is not None
        assert storage is not None
        ok = _copy_out(context, program, storage, hint)
    if not ok and not how.stop:
        context.out.rewind(mark)
    label = _label(element, program)
    goes_on = finish(context, how, ok, label, cdata=True)
    context.out.write("</pgm>\n")
    return goes_on


def _label(element: Element, program: Program | None) -> str:
    """Return ``LIB PGM FUNC`` as it is shown: one blank behind the last name that is there."""
    names = (
        (program.lib, program.name, program.function)
        if program
        else (element.get("lib"), element.get("name"), element.get("func"))
    )
    return " ".join(names).rstrip() + " "


def parse_program(element: Element) -> Program:
    """Return what a ``<pgm>`` asks for; names may be attributes or child elements.

    Raises:
        FormatError: a type, dimension or offset is not valid.
    """
    name, library, function = (element.get(key) for key in ("name", "lib", "func"))
    if not name:
        children = {child.name: child for child in element.elements()}
        name, library, function = (
            parse_coding(children[key]).read(children[key].text).strip()
            if key in children
            else given
            for key, given in (("name", name), ("lib", library), ("func", function))
        )
    return Program(name.strip(), library.strip(), function.strip(), _steps(element))


def _steps(element: Element) -> tuple[Step, ...]:
    """Return parameters, returns and overlays; what is neither is echoed where it stands."""
    steps: list[Step] = []
    known = False
    for part in element.children:
        match part:
            case Element() if part.name in _STEPS:
                steps.append(parse_step(part))
                known = True
            case Element():
                steps.append(Echo(part.echo))
                known = False
            case Text() if not known and steps:
                steps.append(Echo(part.echo))
            case Verbatim():
                steps.append(Echo(part.echo))
                known = False
            case _:
                pass
    return tuple(steps)


def _upper(name: str) -> str:
    """Return a name as the system resolves it; a quoted one keeps its case."""
    return name if name.startswith('"') else name.upper()


def _call(context: Context, program: Program, storage: Storage, hint: str) -> bool:
    failures = context.failures
    parameters = _parameters(program, storage)
    sizes = [None if area is None else len(area) for area in parameters]
    # Exported procedure names keep their case; object names do not.
    function = program.function or None
    library = _upper(program.lib) or "*LIBL"
    try:
        returned = context.job.call(library, _upper(program.name), function, parameters)
    except FunctionMissingError:
        failures.add_code(Code.SYMBOL_NOT_FOUND, program.function)
    except ProgramMissingError:
        failures.add_code(Code.PROGRAM_NOT_FOUND, program.name)
    except ProgramFaultError as error:
        code = Code.ILE_CALL_FAILED if function else Code.PROGRAM_CALL_FAILED
        failures.add_code(code, str(error))
    else:
        _keep_sizes(parameters, sizes)
        _take_return(program, storage, returned)
        return True
    failures.add_code(Code.PROGRAM_FAILED, hint)
    return False


def _parameters(program: Program, storage: Storage) -> list[bytearray | None]:
    """Return the parameters; one by value is a copy, so that its change stays unseen.

    A ``<parm>`` without any ``<data>`` is none.
    """
    areas = [storage.areas[number] for number in range(1, storage.parameters + 1)]
    steps = (step for step in program.steps if isinstance(step, Area) and step.name == "parm")
    return [
        bytearray(area) if area is not None and step.by_value and program.function else area
        for area, step in zip(areas, steps, strict=True)
        if area is None or has_data(step.items)
    ]


def _keep_sizes(parameters: list[bytearray | None], sizes: list[int | None]) -> None:
    """Hold each parameter at its length: storage has a fixed size, whatever a program did."""
    for area, size in zip(parameters, sizes, strict=True):
        if area is not None and size is not None and len(area) != size:
            del area[size:]
            area.extend(bytes(size - len(area)))


def _take_return(program: Program, storage: Storage, returned: bytes) -> None:
    """Put the returned value in its area; a program returns the integer 0.

    A value longer than its area stays there whole: an overlay may look at all of it.
    """
    area = storage.bytes_of(0)
    value = returned[:MAX_STORAGE] if program.function else bytes(min(4, len(area)))
    area[: len(value)] = value


def _copy_out(context: Context, program: Program, storage: Storage, hint: str) -> bool:
    try:
        out = context.out
        CopyOut(program, storage, context.count, out.write, out.value).run()
    except CopyError as error:
        _not_copied(context.failures, hint, error, copying_in=False)
        return False
    return True


def _not_copied(failures: Failures, hint: str, error: CopyError, *, copying_in: bool) -> None:
    if copying_in:
        codes = (Code.COPY_IN_FAILED, Code.COPY_IN_EXCEPTION, Code.COPY_IN_DATA)
    else:
        codes = (Code.COPY_OUT_FAILED, Code.COPY_OUT_EXCEPTION, Code.COPY_OUT_DATA)
    failures.add_code(codes[0], hint)
    failures.add_code(codes[1], f"{error.element} {str(error).partition(': ')[2] or error}")
    failures.add_code(codes[2], error.data or str(error))
