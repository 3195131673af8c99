// Whether a provider that has failed is asked again. Pure.
#pragma once

#include <optional>

#include "base/time.hpp"

namespace madoguchi::gateway {

/// closed ── limits::kGatewayFailures in a row ──▶ open ── its time is over: one message tries ──▶ closed, or open for
/// twice as long. Not safe for threads.
class Circuit {
public:
    /// True: ask it, and tell `good` or `bad` afterwards. An open circuit lets one through when its time has come.
    bool may_try(Instant now);
    void good();
    /// `wanted`: how long the provider itself asked to be left alone.
    void bad(Instant now, std::optional<std::chrono::seconds> wanted = std::nullopt);

    bool is_open() const { return open_; }
    Instant next_try() const { return next_try_; }

private:
    int failures_ = 0;
    bool open_ = false;
    std::chrono::seconds skip_{0};
    Instant opened_at_{};
    Instant next_try_{};
};

}  // namespace madoguchi::gateway
