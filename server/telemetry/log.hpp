// Structured log: one event, one line of JSON. Lines are pure ASCII, so no control, ANSI or bidi
// character can forge or hide anything (S20), and values of fields whose names speak of secrets are never printed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>

#include "base/time.hpp"

namespace madoguchi::telemetry {

enum class LogLevel { debug, info, warning, error };

std::string_view name_of(LogLevel level);
std::optional<LogLevel> log_level_from(std::string_view name);

/// One value beside an event. Text is borrowed: a Field lives as long as the call that it is an argument of.
struct Field {
    using Value = std::variant<std::string_view, std::int64_t, double, bool>;

    Field(std::string_view name_, std::string_view value_) : name(name_), value(value_) {}
    Field(std::string_view name_, const char* value_) : name(name_), value(std::string_view(value_)) {}
    Field(std::string_view name_, const std::string& value_) : name(name_), value(std::string_view(value_)) {}
    Field(std::string_view name_, double value_) : name(name_), value(value_) {}
    template <class T>
    requires std::is_integral_v<T> Field(std::string_view name_, T value_) : name(name_) {
        if constexpr (std::is_same_v<T, bool>) {
            value = value_;
        } else {
            value = static_cast<std::int64_t>(value_);
        }
    }

    std::string_view name;
    Value value;
};

/// Whether a field of this name is printed as "[redacted]": password, code, token, secret, phone, cookie ... as a whole
/// word of it.
bool is_redacted(std::string_view field_name);

/// `text` as the inside of a JSON string in ASCII; what is not UTF-8 becomes \ufffd. At most `longest_bytes` plus
/// "...".
std::string escape_ascii(std::string_view text, std::size_t longest_bytes);

/// Lines below a warning wait for up to limits::kLogFlush, so that a request costs no write of its own; a warning
/// takes all that wait along. A killed server loses those lines; the audit log is in the database.
class Log {
public:
    /// Writes to `descriptor` (standard error by default), which stays open as long as the log lives.
    Log(LogLevel level, const Clock& clock, int descriptor = 2);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void debug(std::string_view event, std::initializer_list<Field> fields = {}) const;
    void info(std::string_view event, std::initializer_list<Field> fields = {}) const;
    void warning(std::string_view event, std::initializer_list<Field> fields = {}) const;
    void error(std::string_view event, std::initializer_list<Field> fields = {}) const;
    void write(LogLevel level, std::string_view event, std::initializer_list<Field> fields) const;

    void flush() const;

    bool wants(LogLevel level) const { return level >= level_; }

private:
    void flush_locked() const;
    void flush_now_and_then() const;

    LogLevel level_;
    const Clock& clock_;
    int descriptor_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    mutable std::string waiting_;
    bool ending_ = false;
    std::thread flusher_;  // last: it uses the others
};

}  // namespace madoguchi::telemetry
