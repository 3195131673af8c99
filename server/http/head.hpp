// The head of an HTTP/1 request, read strictly (RFC 9112): what could be understood in two ways is refused, because
// nginx in front of us and we must never disagree about where a request ends.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/refusal.hpp"

namespace madoguchi::http {

class Headers {
public:
    /// Value of the first header of this lower-case name.
    std::optional<std::string> find(std::string_view lower_case_name) const;
    std::size_t count(std::string_view lower_case_name) const;
    void add(std::string lower_case_name, std::string value) {
        lines_.emplace_back(std::move(lower_case_name), std::move(value));
    }
    const std::vector<std::pair<std::string, std::string>>& all() const { return lines_; }

private:
    std::vector<std::pair<std::string, std::string>> lines_;
};

enum class Persistence { keep_alive, close };

struct Head {
    std::string method;  // a token, perhaps one that we don't know
    std::string target;  // not decoded
    Headers headers;
    std::size_t content_length = 0;  // bytes
    Persistence persistence = Persistence::keep_alive;
};

/// How long a body may be, by method, target and headers; without one, limits::kRequestBytes.
using BodyLimit = std::function<std::size_t(const Head&)>;

/// `text` is everything before the empty line. Refuses: folded lines, bad names, control characters, missing or several
/// Host, odd or several Content-Length, a body over the limit, any Transfer-Encoding or Expect, too many headers.
tl::expected<Head, Refusal> parse_head(std::string_view text, const BodyLimit& limit = {});

/// Collects the bytes of a connection into requests, one after the other. Bounded by limits::kRequestHeadBytes and
/// `limit`.
class RequestReader {
public:
    enum class State { waiting, in_head, in_body, complete, refused };

    explicit RequestReader(BodyLimit limit = {}) : limit_(std::move(limit)) {}

    /// Takes more bytes; `complete` and `refused` stay until next().
    State feed(std::string_view bytes);
    State state() const { return state_; }
    const Head& head() const { return head_; }
    Head take_head() { return std::move(head_); }
    std::string take_body() { return std::move(body_); }
    const Refusal& refusal() const { return refusal_; }
    /// What the refused request asked for, as far as its first line says so: a machine is told in its own form.
    const std::string& refused_target() const { return refused_target_; }
    /// Forgets the finished request and goes on with the bytes that followed it.
    State next();

private:
    State advance();
    State give_up(Refusal refusal);

    BodyLimit limit_;
    State state_ = State::waiting;
    std::string buffer_;
    std::size_t searched_ = 0;  // bytes of buffer_ in which no end of the head can begin
    bool blank_passed_ = false;
    Head head_;
    std::string body_;
    Refusal refusal_;
    std::string refused_target_;
};

}  // namespace madoguchi::http
