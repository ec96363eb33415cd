"""``edgelift completion``: the script that completes commands, options and their values in a shell."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Final

from edgelift.cli.arguments import Argument, Option, Parameter, Verb, VerbOptions, parameters
from edgelift.cli.console import ExitCode
from edgelift.cli.sink import write_standard_output
from edgelift.cli.verbs import VERBS, find_verb

_OF_FILES: Final = {"FILE", "DIR", "SOURCE", "DEST"}
"""Names of values that may be files or folders."""

_OF_EDGELIFT: Final = {"--help": "Show the help and exit.", "--version": "Show the version and exit."}


class Shell(StrEnum):
    """Choices of ``SHELL``."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


class Options(VerbOptions):
    """The arguments and options."""

    shell: Annotated[Shell, Argument(metavar="SHELL", meaning="bash, zsh or fish.")]


def completion(options: Options) -> int:
    """Write the script that completes commands, options and values in a shell."""
    known = {name: parameters(find_verb(name).options) for name in VERBS}
    write_standard_output(_SCRIPTS[Shell(options.shell)](known))
    return ExitCode.DONE


VERB = Verb(
    "completion",
    "Write the script that completes commands, options and their values in a shell.",
    Options,
    completion,
    (
        "echo 'source <(edgelift completion bash)' >> ~/.bashrc",
        "echo 'source <(edgelift completion zsh)' >> ~/.zshrc",
        "echo 'edgelift completion fish | source' >> ~/.config/fish/config.fish",
    ),
)


def _bash(known: dict[str, list[Parameter]]) -> str:
    values, words = [], []
    for verb, of_verb in known.items():
        before = [verb]
        for parameter in of_verb:
            if parameter.choices:
                names = _names(parameter)
                if not names:
                    # An argument comes after the verb, or after the argument before.
                    names, before = before, parameter.choices
                pattern = "|".join(f'"{verb} {name}"' for name in names)
                values.append(f"        {pattern}) words='{' '.join(parameter.choices)}' ;;")
        options = [name for parameter in of_verb for name in _names(parameter)]
        words.append(f"        {verb}) words='{' '.join([*options, '--help'])}' ;;")
    return _BASH.format(
        verbs=" ".join([*known, *_OF_EDGELIFT]), values="\n".join(values), words="\n".join(words)
    )


_BASH: Final = """\
# Completes edgelift in bash.
_edgelift() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} verb=${{COMP_WORDS[1]}} words=
    COMPREPLY=()
    # The words are split at = as well.
    if [[ $word == = ]]; then
        word=
    elif [[ $before == = ]]; then
        before=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    if ((COMP_CWORD == 1)); then
        words='{verbs}'
    else
        case "$verb $before" in
{values}
        esac
    fi
    if [[ -z $words && $word == -* ]]; then
        case $verb in
{words}
        esac
    fi
    # Without any words bash completes files.
    [[ -z $words ]] || COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _edgelift edgelift
"""


def _zsh(known: dict[str, list[Parameter]]) -> str:
    verbs, options = (
        " ".join(_quoted(f"{name}:{meaning}") for name, meaning in each.items())
        for each in (VERBS, _OF_EDGELIFT)
    )
    cases = []
    for verb, of_verb in known.items():
        specs = [spec for parameter in of_verb for spec in _zsh_specs(parameter)]
        lines = " \\\n".join(
            f"                {_quoted(spec)}" for spec in [*specs, "--help[Show the help.]"]
        )
        cases.append(f"        {verb})\n            _arguments \\\n{lines} ;;")
    return _ZSH.format(verbs=verbs, options=options, cases="\n".join(cases))


def _zsh_specs(parameter: Parameter) -> list[str]:
    value = f":{parameter.declared.metavar or 'value'}:"
    if parameter.choices:
        value += f"({' '.join(parameter.choices)})"
    elif _is_file(parameter):
        value += "_files"
    else:
        value += " "
    if isinstance(parameter.declared, Argument):
        return [f"*{value}" if parameter.takes_many else value]
    meaning = parameter.declared.meaning.replace("[", r"\[").replace("]", r"\]")
    if parameter.kind is bool:
        return [f"{name}[{meaning}]" for name in _names(parameter)]
    # The = allows --name=VALUE as well.
    return [f"{name}{'=' * name.startswith('--')}[{meaning}]{value}" for name in _names(parameter)]


_ZSH: Final = """\
#compdef edgelift
# Completes edgelift in zsh.
_edgelift() {{
    if ((CURRENT == 2)); then
        local -a verbs=({verbs})
        local -a options=({options})
        _describe command verbs
        _describe -o option options
        return
    fi
    local verb=$words[2]
    shift words
    ((CURRENT -= 1))
    case $verb in
{cases}
    esac
}}
# As a file in fpath this is the function itself; sourced, it is registered.
if [[ $funcstack[1] == _edgelift ]]; then
    _edgelift "$@"
else
    compdef _edgelift edgelift
fi
"""


def _fish(known: dict[str, list[Parameter]]) -> str:
    lines = ["# Completes edgelift in fish.", "complete -c edgelift -n __fish_use_subcommand -f"]
    for name, meaning in VERBS.items():
        lines.append(f"complete -c edgelift -n __fish_use_subcommand -a {name} -d {_quoted(meaning)}")
    for option, meaning in _OF_EDGELIFT.items():
        lines.append(f"complete -c edgelift -n __fish_use_subcommand -l {option[2:]} -d {_quoted(meaning)}")
    for verb, of_verb in known.items():
        start = f"complete -c edgelift -n '__fish_seen_subcommand_from {verb}'"
        lines += [" ".join([start, *words]) for words in map(_fish_words, of_verb) if words]
        lines.append(f"{start} -s h -l help -d 'Show the help.'")
        if not any(_is_file(each) for each in of_verb if isinstance(each.declared, Argument)):
            lines.append(f"{start} -f")
    return "\n".join([*lines, ""])


def _fish_words(parameter: Parameter) -> list[str]:
    words = [f"-a {_quoted(' '.join(parameter.choices))}"] if parameter.choices else []
    if isinstance(parameter.declared, Option):
        names = [f"-{'l' if name.startswith('--') else 's'} {name.lstrip('-')}" for name in _names(parameter)]
        takes = [] if parameter.kind is bool else ["-rF" if _is_file(parameter) else "-x"]
        words += [*names, *takes, f"-d {_quoted(parameter.declared.meaning)}"]
    return words


_SCRIPTS: Final[dict[Shell, Callable[[dict[str, list[Parameter]]], str]]] = {
    Shell.BASH: _bash,
    Shell.ZSH: _zsh,
    Shell.FISH: _fish,
}


def _names(parameter: Parameter) -> list[str]:
    """Return the names of an option; none of an argument."""
    declared = parameter.declared
    return [] if isinstance(declared, Argument) else [n for n in (declared.short, declared.name) if n]


def _is_file(parameter: Parameter) -> bool:
    return parameter.declared.metavar in _OF_FILES


def _quoted(text: str) -> str:
    """Quote a text for a shell; all three read this form."""
    return "'" + text.replace("'", "'\\''") + "'"
