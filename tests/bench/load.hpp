// A load generator: closed loops over keep-alive connections, all on one thread, so that it takes little from the
// server whose cores it shares.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace madoguchi::bench {

using Steady = std::chrono::steady_clock;

struct Call {
    std::uint16_t port = 0;
    std::string bytes;  // a whole request
};

struct Reply {
    int status = 0;
    std::string_view body;
    Steady::duration took = {};
};

/// Somebody who asks, waits for the answer, and asks again.
class Conversation {
public:
    virtual ~Conversation() = default;
    /// `previous` is null at the start. Nothing: the conversation is over.
    virtual std::optional<Call> next(const Reply* previous) = 0;
};

/// Runs all until each is over. Each has a connection of its own to each port it calls. Throws when one breaks.
void converse(const std::vector<Conversation*>& conversations);

/// One request with the headers that nginx adds.
struct RequestParts {
    std::string_view method = "GET";
    std::string_view target;
    std::string_view extra_headers = "";  // whole lines
    std::string_view json = "";
};
std::string request(const RequestParts& parts);

/// The text of `"name":"..."`; empty if it is not there.
std::string_view json_text(std::string_view json, std::string_view name);

}  // namespace madoguchi::bench
