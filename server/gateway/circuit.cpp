#include "gateway/circuit.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace madoguchi::gateway {

bool Circuit::may_try(Instant now) {
    if (!open_) {
        return true;
    }
    // A clock that stepped back must not keep a provider out for as long as it stepped.
    if (now < next_try_ && now >= opened_at_) {
        return false;
    }
    opened_at_ = now;
    next_try_ = now + limits::kGatewayAnswer * 2;  // the others wait for what becomes of this one
    return true;
}

void Circuit::good() {
    failures_ = 0;
    open_ = false;
    skip_ = std::chrono::seconds(0);
}

void Circuit::bad(Instant now, std::optional<std::chrono::seconds> wanted) {
    failures_ = std::min(failures_ + 1, limits::kGatewayFailures);
    if (failures_ < limits::kGatewayFailures && !wanted) {
        return;
    }
    const std::chrono::seconds longest = limits::kGatewayLongestSkip;
    skip_ = open_ ? std::min(skip_ * 2, longest) : std::chrono::seconds(limits::kGatewayFirstSkip);
    skip_ = std::min(std::max(skip_, wanted.value_or(skip_)), longest);
    open_ = true;
    opened_at_ = now;
    next_try_ = now + skip_;
}

}  // namespace madoguchi::gateway
