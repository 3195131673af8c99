#include "admin-cli/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace madoguchi::admin_cli {
namespace {

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ > STDERR_FILENO) {
            close(number_);
        }
    }
    int number() const { return number_; }

private:
    int number_;
};

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
volatile sig_atomic_t caught_signal = 0;

void remember_signal(int number) {
    caught_signal = number;
}

/// While it lives, the signals wait, and only ppoll with `open_mask` lets them in: none is lost between check and read.
class HeldSignals {
public:
    HeldSignals() {
        sigset_t held;
        sigemptyset(&held);
        struct sigaction action {};
        action.sa_handler = remember_signal;
        sigemptyset(&action.sa_mask);
        caught_signal = 0;
        for (std::size_t i = 0; i < kSignals.size(); ++i) {
            sigaddset(&held, kSignals[i]);
            sigaction(kSignals[i], &action, &before_[i]);
        }
        sigprocmask(SIG_BLOCK, &held, &open_mask_);
    }
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;
    ~HeldSignals() {
        for (std::size_t i = 0; i < kSignals.size(); ++i) {
            sigaction(kSignals[i], &before_[i], nullptr);
        }
        sigprocmask(SIG_SETMASK, &open_mask_, nullptr);
    }
    const sigset_t& open_mask() const { return open_mask_; }

private:
    std::array<struct sigaction, kSignals.size()> before_{};
    sigset_t open_mask_{};
};

/// Switches echo off while it lives.
class NoEcho {
public:
    NoEcho(int terminal, bool wanted) : terminal_(terminal) {
        active_ = wanted && tcgetattr(terminal, &before_) == 0;
        if (active_) {
            termios silent = before_;
            silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
            tcsetattr(terminal, TCSAFLUSH, &silent);
        }
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;
    ~NoEcho() {
        if (active_) {
            tcsetattr(terminal_, TCSAFLUSH, &before_);
        }
    }

private:
    int terminal_;
    bool active_ = false;
    termios before_{};
};

enum class Ending { line, end_of_input, signal, too_long };

Ending read_terminal_line(int terminal, const sigset_t& open_mask, std::string& line) {
    while (line.size() < kLongestAnswerBytes) {
        pollfd waiting{terminal, POLLIN, 0};
        if (ppoll(&waiting, 1, nullptr, &open_mask) < 0) {
            if (errno == EINTR && caught_signal != 0) {
                return Ending::signal;
            }
            continue;
        }
        char byte = 0;
        const ssize_t count = read(terminal, &byte, 1);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return line.empty() ? Ending::end_of_input : Ending::line;
        }
        if (byte == '\n') {
            return Ending::line;
        }
        line += byte;
    }
    return Ending::too_long;
}

void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = write(descriptor, text.data(), text.size());
        if (count < 0 && errno != EINTR) {
            return;  // a terminal that is gone also ends the reading that follows
        }
        text.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
}

Outcome<std::string> prompt_line(std::string_view prompt, bool echo, Language language) {
    const Descriptor opened(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
    const int input = opened.number() >= 0 ? opened.number() : STDIN_FILENO;
    const int output = opened.number() >= 0 ? opened.number() : STDERR_FILENO;
    for (;;) {
        std::string line;
        Ending ending = Ending::line;
        {
            const HeldSignals signals;
            const NoEcho silence(input, !echo);
            write_all(output, prompt);
            ending = read_terminal_line(input, signals.open_mask(), line);
            if (!echo || ending != Ending::line) {
                write_all(output, "\n");
            }
        }
        if (ending == Ending::signal) {
            // The terminal is as it was; now the signal may do what it does. After Ctrl-Z and fg, ask again.
            raise(caught_signal);
            continue;
        }
        if (ending == Ending::too_long) {
            tcflush(input, TCIFLUSH);
            return fail(ExitCode::usage, say(language, texts::kSecretTooLong, kLongestAnswerBytes));
        }
        if (ending == Ending::end_of_input) {
            return fail(ExitCode::not_confirmed, say(language, texts::kCancelled));
        }
        return line;
    }
}

Outcome<std::string> first_line(int descriptor, std::string_view name, Language language) {
    std::string line;
    char byte = 0;
    for (;;) {
        const ssize_t count = read(descriptor, &byte, 1);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return fail(ExitCode::failed, say(language, texts::kFileUnreadable, name, std::strerror(errno)));
        }
        if (count == 0 || byte == '\n') {
            break;
        }
        line += byte;
        if (line.size() > kLongestAnswerBytes) {
            return fail(ExitCode::usage, say(language, texts::kSecretTooLong, kLongestAnswerBytes));
        }
    }
    if (line.ends_with('\r')) {  // a file written on Windows
        line.pop_back();
    }
    if (line.empty()) {
        return fail(ExitCode::usage, say(language, texts::kEmptySecret));
    }
    return line;
}

}  // namespace

bool Terminal::interactive() const {
    return isatty(STDIN_FILENO) == 1;
}

Outcome<std::string> Terminal::ask(std::string_view prompt) const {
    return prompt_line(prompt, true, language_);
}

Outcome<std::string> Terminal::ask_secret(std::string_view prompt) const {
    return prompt_line(prompt, false, language_);
}

Outcome<bool> Terminal::confirm(std::string_view prompt) const {
    const std::string answer = CLI_TRY(ask(prompt));
    for (std::string_view yes : {"y", "Y", "yes", "Yes", "YES", "はい", "ｙ"}) {
        if (answer == yes) {
            return true;
        }
    }
    return false;
}

Outcome<std::string> Terminal::line_of_standard_input() const {
    return first_line(STDIN_FILENO, "standard input", language_);
}

Outcome<std::string> Terminal::secret_of_file(const std::string& path) const {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    struct stat status {};
    if (file.number() < 0 || fstat(file.number(), &status) != 0) {
        return fail(ExitCode::failed, say(language_, texts::kFileUnreadable, path, std::strerror(errno)));
    }
    if (S_ISREG(status.st_mode) && (status.st_mode & 077U) != 0) {
        return fail(ExitCode::usage, say(language_, texts::kFileOpenToOthers, path),
                    say(language_, texts::kFileOpenToOthersAdvice, path));
    }
    return first_line(file.number(), path, language_);
}

}  // namespace madoguchi::admin_cli
