#include "cli/completion.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/error.hpp"

namespace ferraris::cli {
namespace {

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

/// "--client --json …", with "-h" and the like.
std::string options_of(const CLI::App& app) {
    std::vector<std::string> words;
    for (const CLI::Option* const option : app.get_options()) {
        for (const std::string& name : option->get_snames()) words.push_back("-" + name);
        for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
    return joined(words);
}

/// Options whose value is a file, by what their help calls the value.
std::string file_options_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* const option : app.get_options()) {
        const std::string type = option->get_type_name();
        const bool file = type.find("FILE") != std::string::npos || type.find("DIR") != std::string::npos;
        if (!file) continue;
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return fmt::format("{}", fmt::join(names, "|"));
}

/// The actions of a verb that has some; empty for the others.
std::string actions_of(const CLI::App& verb) {
    std::vector<std::string> names;
    for (const CLI::App* const action : verb.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(action->get_name());
    }
    return joined(names);
}

/// The options of a verb: its own, or those of the action behind it.
std::string case_of(const CLI::App& verb) {
    const std::string files = file_options_of(verb);
    std::string text;
    if (!files.empty()) text += fmt::format("            case $before in {}) _ferraris_files; return;; esac\n", files);
    if (actions_of(verb).empty()) return text + fmt::format("            words=\"{}\";;\n", options_of(verb));
    text += "            case ${COMP_WORDS[2]} in\n";
    for (const CLI::App* const action : verb.get_subcommands([](const CLI::App*) { return true; })) {
        text += fmt::format("                {}) words=\"{}\"", action->get_name(), options_of(*action));
        const std::string action_files = file_options_of(*action);
        if (!action_files.empty())
            text += fmt::format("; case $before in {}) _ferraris_files; return;; esac", action_files);
        text += ";;\n";
    }
    return text + "            esac;;\n";
}

std::string bash_script(const CLI::App& root) {
    std::string verbs;
    std::string cases;
    std::string actions;
    for (const CLI::App* const verb : root.get_subcommands([](const CLI::App*) { return true; })) {
        verbs += (verbs.empty() ? "" : " ") + verb->get_name();
        cases += fmt::format("        {})\n", verb->get_name()) + case_of(*verb);
        const std::string verb_actions = actions_of(*verb);
        if (!verb_actions.empty()) {
            actions +=
                fmt::format("               {}:2) mapfile -t COMPREPLY < <(compgen -W \"{}\" -- \"$current\");;\n",
                            verb->get_name(), verb_actions);
        }
    }
    return fmt::format(R"(# Completion of ferraris for bash; made by `ferraris completion bash`.
_ferraris_files() {{ compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); }}
_ferraris() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "{0} {1}" -- "$current")
        return
    fi
    case ${{COMP_WORDS[1]}} in
{2}        *) return;;
    esac
    case $current in
        -*) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current");;
        *) case ${{COMP_WORDS[1]}}:$COMP_CWORD in
               read:2|profile:2|write:2|call:2|disconnect:2|reconnect:2)
                   compopt -o nospace
                   mapfile -t COMPREPLY < <(compgen -W "tcp:// udp:// hdlc+tcp:// hdlc+serial://" -- "$current");;
{3}               profile:*) mapfile -t COMPREPLY < <(compgen -W "load daily monthly voltage events" -- "$current");;
               completion:2) mapfile -t COMPREPLY < <(compgen -W "bash" -- "$current");;
               *) _ferraris_files;;
           esac;;
    esac
}}
complete -F _ferraris ferraris
)",
                       verbs, options_of(root), cases, actions);
}

}  // namespace

void add_completion(CLI::App& app, int& exit_status) {
    CLI::App* const verb =
        app.add_subcommand("completion", "Print a script that completes this command line in the shell");
    const auto shell = std::make_shared<std::string>();
    verb->add_option("shell", *shell, "The shell; bash is the only one so far")->required()->type_name("SHELL");
    verb->footer(
        "Example, for this shell and for all later ones:\n"
        "  source <(ferraris completion bash)\n"
        "  ferraris completion bash > ~/.local/share/bash-completion/completions/ferraris");
    verb->callback([&app, shell, &exit_status] {
        if (*shell != "bash")
            throw CliError(fmt::format("there is no completion for \"{}\"; write `ferraris completion bash`", *shell));
        fmt::print("{}", bash_script(app));
        exit_status = 0;
    });
}

}  // namespace ferraris::cli
