// What a command is: its words, arguments, options, help and function. Parsing, help and sending all read this one
// table.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "admin-cli/outcome.hpp"
#include "admin-cli/texts.hpp"

namespace madoguchi::admin_cli {

struct Context;

enum class Form { flag, text, number, time };

struct Option {
    std::string_view name;        // without the dashes; "output,o" has a short form
    std::string_view value_name;  // empty for flags
    Text help;
    std::string_view field = {};  // its name in the server's JSON or query; empty: this program uses it itself
    Form form = Form::text;
    bool required = false;
    std::vector<std::string_view> choices = {};

    std::string_view long_name() const { return name.substr(0, name.find(',')); }
};

struct Argument {
    std::string_view name;  // in capitals, as the help shows it
    Text help;
    bool required = true;
};

struct Example {
    std::string_view line;  // whole, as typed
    Text what;
};

/// Does it change something, and can it be tried without changing it?
enum class Effect { reads, changes, session };

struct Command {
    std::string_view group;  // "account"; empty for the single-word commands
    std::string_view verb;   // "issue"
    Effect effect = Effect::reads;
    Text summary;
    Text details = {};
    std::vector<Argument> arguments = {};
    std::vector<Option> options = {};
    std::vector<Example> examples = {};
    Outcome<ExitCode> (*run)(Context&) = nullptr;
    std::string_view alias = {};

    std::string words() const;
    const Option* find_option(std::string_view name) const;
    const Option* option_for_field(std::string_view field) const;
};

struct Group {
    std::string_view name;
    Text summary;
};

/// All commands, in the order in which help lists them.
std::span<const Command> all_commands();
std::span<const Group> all_groups();
/// Options that every command takes.
std::span<const Option> global_options();

}  // namespace madoguchi::admin_cli
