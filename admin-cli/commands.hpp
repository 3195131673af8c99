// Each file commands_*.cpp adds its own commands to the table.
#pragma once

#include <vector>

#include "admin-cli/command.hpp"

namespace madoguchi::admin_cli {

std::vector<Command> session_commands();
std::vector<Command> own_session_commands();
std::vector<Command> organization_commands();
std::vector<Command> account_commands();
std::vector<Command> role_commands();
std::vector<Command> request_commands();
std::vector<Command> audit_commands();
std::vector<Command> token_commands();
std::vector<Command> apply_commands();
std::vector<Command> program_commands();

std::vector<Command> security_commands();
std::vector<Command> import_commands();
std::vector<Command> application_commands();
std::vector<Command> desk_commands();
std::vector<Command> report_commands();
std::vector<Command> received_commands();
std::vector<Command> event_commands();

/// Runs a command's `call`: asks where it says so, sends, prints.
Outcome<ExitCode> carry_out(Context& context);

/// --limit and --all, which every list takes.
Option limit_option();
Option all_option();
/// --figures and --kind of a report.
Option figures_option();
Option report_kind_option();
/// --reason, which the audit log keeps.
Option reason_option();

}  // namespace madoguchi::admin_cli
