// The clock of development mode: the system's, moved by the seconds that stand in a file, so that a browser test can
// let a code expire without waiting.
#pragma once

#include <filesystem>
#include <fstream>

#include "base/time.hpp"

namespace madoguchi::app {

class OffsetClock final : public Clock {
public:
    explicit OffsetClock(std::filesystem::path file) : file_(std::move(file)) {}
    Instant now() const override {
        long long seconds = 0;
        std::ifstream(file_) >> seconds;
        return SystemClock().now() + std::chrono::seconds(seconds);
    }

private:
    std::filesystem::path file_;
};

}  // namespace madoguchi::app
