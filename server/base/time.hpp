// Instants are microseconds in UTC; days and times on screens are Japan's, a fixed +09:00 without summer time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace madoguchi {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;

inline std::int64_t to_microseconds(Instant instant) {
    return instant.time_since_epoch().count();
}
inline Instant from_microseconds(std::int64_t value) {
    return Instant(std::chrono::microseconds(value));
}

/// Unix seconds, for TOTP and tokens.
inline std::int64_t to_unix_seconds(Instant instant) {
    return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
}

/// "2026-12-02T15:04:05.123456+09:00" (RFC 3339).
std::string format_rfc3339_japan(Instant instant);
/// "2026/12/02（水）"
std::string format_japanese_date(Instant instant);
/// "2026/12/02 15:04"
std::string format_japanese_date_time(Instant instant);
/// "15:04"
std::string format_japanese_time(Instant instant);

/// Midnight in Japan of the day that `instant` falls on.
Instant start_of_japanese_day(Instant instant);

class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
public:
    Instant now() const override {
        return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
};

}  // namespace madoguchi
