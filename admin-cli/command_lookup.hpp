// Which of the words on a command line name the command.
#pragma once

#include <string>
#include <vector>

#include "admin-cli/command.hpp"

namespace madoguchi::admin_cli {

struct FoundCommand {
    const Command* command = nullptr;  // null: none named, or a group alone
    std::string group = {};
    bool wants_help = false;             // "help account issue"
    std::vector<std::size_t> used = {};  // positions of the words that named it
};

/// Errors: usage (no such command), with the one that was probably meant.
Outcome<FoundCommand> find_command(const std::vector<std::string>& arguments, Language language);

}  // namespace madoguchi::admin_cli
