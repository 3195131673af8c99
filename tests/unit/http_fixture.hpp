// A dispatcher with everything around it, for tests without a socket (unit) and with one (http).
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "http/dispatcher.hpp"

namespace madoguchi::http::testing {

class FixedClock final : public Clock {
public:
    Instant now() const override { return from_microseconds(1'795'000'000'000'000); }
};

/// Counts up, so that every token and request id is another one.
class CountingEntropy final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) {
            byte = static_cast<std::uint8_t>(next_++);
        }
    }

private:
    std::atomic<unsigned> next_ = 1;
};

/// A log whose lines can be read back.
class LogFile {
public:
    LogFile() : descriptor_(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {}
    ~LogFile() { close(descriptor_); }
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;
    int descriptor() const { return descriptor_; }
    std::string text() const {
        std::string out(static_cast<std::size_t>(lseek(descriptor_, 0, SEEK_END)), '\0');
        const auto got = pread(descriptor_, out.data(), out.size(), 0);
        out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return out;
    }

private:
    int descriptor_;
};

inline const std::string kOrigin = "https://madoguchi.example";
inline const std::string kEdgeSecret = "nginx-and-we";

struct World {
    FixedClock clock;
    CountingEntropy entropy;
    LogFile log_file;
    telemetry::Log log{telemetry::LogLevel::debug, clock, log_file.descriptor()};
    telemetry::Metrics metrics;
    std::string logged() const {
        log.flush();
        return log_file.text();
    }
    RouteTable routes;
    ErrorRenderer renderer{[](std::string_view id, Locale locale, const std::map<std::string, std::string>&) {
                               return (locale == Locale::en ? "en:" : "ja:") + std::string(id);
                           },
                           [](const Request& request, const Error& error, int status) {
                               return Response::html(status, "<p>" + error.message_id + " " + request.request_id);
                           }};

    Dispatcher dispatcher() {
        return Dispatcher({"test", kOrigin, SecretText(kEdgeSecret), SecretText("csrf key of the test")}, routes,
                          renderer, {clock, entropy, log, metrics});
    }
};

/// An answer taken apart.
struct Answer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    std::string header(std::string_view name) const {
        for (const auto& [key, value] : headers) {
            if (key == name) {
                return value;
            }
        }
        return "";
    }
    std::vector<std::string> all(std::string_view name) const {
        std::vector<std::string> values;
        for (const auto& [key, value] : headers) {
            if (key == name) {
                values.push_back(value);
            }
        }
        return values;
    }
};

inline Answer read_answer(std::string_view bytes) {
    Answer answer;
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos || bytes.size() < 12) {
        return answer;
    }
    answer.status = std::stoi(std::string(bytes.substr(9, 3)));
    answer.body = bytes.substr(end + 4);
    auto rest = bytes.substr(0, end + 2);
    rest.remove_prefix(rest.find("\r\n") + 2);
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        const auto colon = line.find(": ");
        answer.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
        rest.remove_prefix(line.size() + 2);
    }
    return answer;
}

}  // namespace madoguchi::http::testing
