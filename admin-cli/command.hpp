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

/// number: of rows. integer: any whole number from 0 on. words: with commas, sent as a list. figures: fourteen whole
/// numbers with commas, one an age band. differences: the same, of either sign.
enum class Form { flag, text, number, integer, time, words, figures, differences };

struct Option {
    std::string_view name;        // without the dashes; "output,o" has a short form
    std::string_view value_name;  // empty for flags
    Text help;
    std::string_view field = {};  // its name in the server's JSON ("adjustment.reason") or query; empty: used here
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

/// Does it change something, and can it be tried without changing it? acts: it changes something and can't.
enum class Effect { reads, changes, acts, session };

/// A command that is one request: where it goes, and what of the answer people see.
struct Call {
    /// list: page by page. rows: a whole list. edit: a PATCH of what was read just before. save: the answer is a file.
    enum class How { show, list, rows, post, put, edit, remove, save };
    How how = How::show;
    std::string_view path = {};  // "/applications/{0}/accept": {0}, {1} are the arguments
    std::string_view key = {};   // the list in the answer, or what of it is shown; empty: the answer
    std::vector<std::string_view> columns = {};
    Text asks = {};  // confirmed before, with the arguments at {0}, {1}
};

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
    Call call = {};  // of commands that run `carry_out`
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
