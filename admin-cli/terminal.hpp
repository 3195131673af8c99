// Asking a person: only where standard input is a terminal, so that a script is refused instead of left hanging.
#pragma once

#include <string>
#include <string_view>

#include "admin-cli/outcome.hpp"

namespace madoguchi::admin_cli {

inline constexpr std::size_t kLongestAnswerBytes =
    4096;  // a password has at most 1024, a terminal gives no more in one line

class Terminal {
public:
    explicit Terminal(Language language) : language_(language) {}

    bool interactive() const;
    /// One line with echo. Errors: not_confirmed when the person ends the input instead.
    Outcome<std::string> ask(std::string_view prompt) const;
    /// One line without echo; the terminal's settings are back whatever happens, also on Ctrl-C, Ctrl-Z and kill.
    Outcome<std::string> ask_secret(std::string_view prompt) const;
    /// y, yes or はい. Anything else is no.
    Outcome<bool> confirm(std::string_view prompt) const;
    /// The next line of standard input, read byte by byte so that the line after it stays for the next reader.
    Outcome<std::string> line_of_standard_input() const;
    /// The first line of a file that nobody else may read (a pipe is fine). Errors: usage, failed.
    Outcome<std::string> secret_of_file(const std::string& path) const;

private:
    Language language_;
};

}  // namespace madoguchi::admin_cli
