#include "app/demo_reports.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace madoguchi::app {
namespace {

using reports::kAgeBands;

// Shares of the bands in a thousand, as in the summer of 2022: many children, few of 90 and over.
constexpr std::array<int, kAgeBands> kShares = {12, 60, 80, 150, 140, 150, 160, 100, 35, 25, 45, 28, 10, 5};

// Numbers that look random and are the same in every demo (SplitMix64).
class Scatter {
public:
    explicit Scatter(std::uint64_t seed) : state_(seed) {}
    /// Between 0 and 1.
    double next() {
        state_ += 0x9E3779B97F4A7C15ULL;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBULL;
        constexpr double kTwoTo53 = 9007199254740992.0;
        return static_cast<double>((mixed ^ (mixed >> 31U)) >> 11U) / kTwoTo53;
    }

private:
    std::uint64_t state_;
};

}  // namespace

bool demo_is_silent(std::size_t clinic, int days_ago) {
    constexpr std::size_t kSilentClinic = 3;
    constexpr int kSilentDays = 4;
    constexpr std::size_t kForgetfulClinic = 6;
    return (clinic == kSilentClinic && days_ago <= kSilentDays) || (clinic == kForgetfulClinic && days_ago % 13 == 9);
}

std::chrono::minutes demo_report_time(std::size_t clinic, int days_ago) {
    constexpr std::size_t kLateClinic = 5;
    const bool late = clinic == kLateClinic && days_ago % 6 == 2;
    return std::chrono::hours(late ? 33 : 16) + std::chrono::minutes((days_ago * 37 + 11) % 110);
}

DemoReport demo_report(std::size_t clinic, reports::ReportDate date) {
    const std::chrono::weekday weekday(date.day);
    if (weekday == std::chrono::Sunday) {
        return {.kind = reports::ReportKind::closed, .counts = {}};
    }
    const auto number = date.day.time_since_epoch().count();
    Scatter scatter(static_cast<std::uint64_t>(number) * 1'000 + clinic);
    constexpr double kWaveDays = 70;
    const double size = 6 + 5 * static_cast<double>(clinic % 7);  // of this clinic, people on a weekday
    const double wave = 1 + 0.4 * std::sin(static_cast<double>(number) * 2 * std::numbers::pi / kWaveDays);
    const double of_day = weekday == std::chrono::Saturday ? 0.5 : 1;
    DemoReport out;
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        const double expected = size * wave * of_day * kShares.at(band) / 1000;
        out.counts.of.at(band) = std::lround(std::floor(expected * (0.6 + 0.8 * scatter.next()) + scatter.next()));
    }
    out.kind = reports::kind_of(out.counts);
    return out;
}

}  // namespace madoguchi::app
