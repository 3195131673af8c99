#include "telemetry/log.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>

#include "base/limits.hpp"
#include "telemetry/utf8.hpp"

namespace madoguchi::telemetry {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warning", "error"};

constexpr std::array<std::string_view, 21> kRedactedWords = {
    "password", "passwords", "passwd",  "passphrase",    "code",      "codes",  "token",
    "tokens",   "secret",    "secrets", "phone",         "telephone", "cookie", "cookies",
    "csrf",     "seed",      "otp",     "authorization", "pin",       "key",    "body"};

// Most words of field names start with none of these letters, and each line has eight names.
constexpr bool may_be_redacted(std::string_view word) {
    constexpr std::string_view kFirstLetters = "abckopstABCKOPST";
    return !word.empty() && kFirstLetters.find(word.front()) != std::string_view::npos;
}
static_assert(std::all_of(kRedactedWords.begin(), kRedactedWords.end(), may_be_redacted));

void append_escaped(std::string& out, char32_t point) {
    switch (point) {
        case U'"':
            out += "\\\"";
            return;
        case U'\\':
            out += "\\\\";
            return;
        case U'\n':
            out += "\\n";
            return;
        case U'\r':
            out += "\\r";
            return;
        case U'\t':
            out += "\\t";
            return;
        default:
            break;
    }
    if (point >= 0x20 && point < 0x7F) {
        out.push_back(static_cast<char>(point));
    } else if (point < 0x10000) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(point));
    } else {
        const auto rest = static_cast<std::uint32_t>(point) - 0x10000U;
        fmt::format_to(std::back_inserter(out), "\\u{:04x}\\u{:04x}", 0xD800U + (rest >> 10U),
                       0xDC00U + (rest & 0x3FFU));
    }
}

bool is_plain(char c) {
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

void append_text(std::string& out, std::string_view text) {
    out += '"';
    if (text.size() <= limits::kLogValueBytes && std::all_of(text.begin(), text.end(), is_plain)) {
        out += text;  // nearly every value
    } else {
        out += escape_ascii(text, limits::kLogValueBytes);
    }
    out += '"';
}

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> text{};
    char* const end = text.data() + text.size();
    std::to_chars_result written{};
    if constexpr (std::is_floating_point_v<Number>) {
        if (!std::isfinite(number)) {
            out += "null";
            return;
        }
        constexpr int kDigits = 6;
        written = std::to_chars(text.data(), end, number, std::chars_format::general, kDigits);
    } else {
        written = std::to_chars(text.data(), end, number);
    }
    out.append(text.data(), written.ptr);
}

void append_value(std::string& out, const Field& field) {
    if (is_redacted(field.name)) {
        out += "\"[redacted]\"";
    } else if (const auto* text = std::get_if<std::string_view>(&field.value)) {
        append_text(out, *text);
    } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
        append_number(out, *integer);
    } else if (const auto* number = std::get_if<double>(&field.value)) {
        append_number(out, *number);
    } else {
        out += std::get<bool>(field.value) ? "true" : "false";
    }
}

void write_whole(int descriptor, std::string_view line) {
    while (!line.empty()) {
        const ssize_t written = ::write(descriptor, line.data(), line.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return;  // a log that can't be written must not stop the service
        }
        line.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

std::string_view name_of(LogLevel level) {
    return kLevelNames.at(static_cast<std::size_t>(level));
}

std::optional<LogLevel> log_level_from(std::string_view name) {
    const auto* const found = std::find(kLevelNames.begin(), kLevelNames.end(), name);
    if (found == kLevelNames.end()) {
        return std::nullopt;
    }
    return static_cast<LogLevel>(found - kLevelNames.begin());
}

bool is_redacted(std::string_view field_name) {
    const auto same_letter = [](char left, char right) {
        return (left >= 'A' && left <= 'Z' ? static_cast<char>(left - 'A' + 'a') : left) == right;
    };
    while (!field_name.empty()) {
        const auto end = std::min(field_name.find_first_of("_-. "), field_name.size());
        const auto word = field_name.substr(0, end);
        const bool listed = may_be_redacted(word) &&
                            std::any_of(kRedactedWords.begin(), kRedactedWords.end(), [&](std::string_view redacted) {
                                return redacted.size() == word.size() &&
                                       std::equal(word.begin(), word.end(), redacted.begin(), same_letter);
                            });
        if (listed) {
            return true;
        }
        field_name.remove_prefix(std::min(end + 1, field_name.size()));
    }
    return false;
}

std::string escape_ascii(std::string_view text, std::size_t longest_bytes) {
    if (text.size() <= longest_bytes && std::all_of(text.begin(), text.end(), is_plain)) {
        return std::string(text);
    }
    std::string out;
    out.reserve(std::min(text.size(), longest_bytes) + 8);
    for (std::size_t position = 0; position < text.size();) {
        const auto before = out.size();
        append_escaped(out, next_code_point(text, position).value_or(U'\uFFFD'));
        if (out.size() > longest_bytes) {
            out.resize(before);
            return out + "...";
        }
    }
    return out;
}

Log::Log(LogLevel level, const Clock& clock, int descriptor)
    : level_(level), clock_(clock), descriptor_(descriptor), flusher_([this] { flush_now_and_then(); }) {}

Log::~Log() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    flusher_.join();
    flush();
}

void Log::flush() const {
    const std::lock_guard lock(mutex_);
    flush_locked();
}

// Whole lines, so that another writer's stay between ours.
void Log::flush_locked() const {
    std::string_view rest = waiting_;
    while (!rest.empty()) {
        const auto longest = rest.substr(0, limits::kLogLineBytes + 1);
        const auto end = rest.size() == longest.size() ? rest.size() : longest.rfind('\n') + 1;
        const auto part = rest.substr(0, end == 0 ? rest.size() : end);
        write_whole(descriptor_, part);
        rest.remove_prefix(part.size());
    }
    waiting_.clear();
}

void Log::flush_now_and_then() const {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
        changed_.wait_for(lock, limits::kLogFlush, [this] { return ending_; });
        flush_locked();
    }
}

void Log::debug(std::string_view event, std::initializer_list<Field> fields) const {
    write(LogLevel::debug, event, fields);
}
void Log::info(std::string_view event, std::initializer_list<Field> fields) const {
    write(LogLevel::info, event, fields);
}
void Log::warning(std::string_view event, std::initializer_list<Field> fields) const {
    write(LogLevel::warning, event, fields);
}
void Log::error(std::string_view event, std::initializer_list<Field> fields) const {
    write(LogLevel::error, event, fields);
}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<Field> fields) const {
    if (!wants(level)) {
        return;
    }
    thread_local std::string line;
    line = R"({"time":")";
    line += format_rfc3339_japan(clock_.now());
    line += R"(","level":")";
    line += name_of(level);
    line += R"(","event":)";
    append_text(line, event);
    for (const auto& field : fields) {
        const auto before = line.size();
        line += ',';
        append_text(line, field.name);
        line += ':';
        append_value(line, field);
        if (line.size() > limits::kLogLineBytes) {
            line.resize(before);
            line += R"(,"truncated":true)";
            break;
        }
    }
    line += "}\n";
    const std::lock_guard lock(mutex_);
    const bool first = waiting_.empty();
    waiting_ += line;
    if (level >= LogLevel::warning || waiting_.size() >= limits::kLogBufferBytes) {
        flush_locked();
    } else if (first) {
        changed_.notify_one();
    }
}

}  // namespace madoguchi::telemetry
