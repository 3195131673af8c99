#include "browsing.hpp"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

namespace madoguchi::bench {
namespace {

class Browsing final : public Conversation {
public:
    Browsing(std::uint16_t port, const std::function<std::string(int)>& ask, int first, const Asks& asks)
        : port_(port), ask_(ask), first_(first), asks_(asks) {}

    std::optional<Call> next(const Reply* previous) override {
        if (previous != nullptr && previous->status != 200) {
            throw std::runtime_error(fmt::format("a screen answered {}", previous->status));
        }
        if (previous != nullptr && asked_ > asks_.skipped) {
            took_.push_back(std::chrono::duration<double, std::milli>(previous->took).count());
        }
        return asked_ < asks_.asks + asks_.skipped ? std::optional(Call{port_, ask_(first_ + asked_++)}) : std::nullopt;
    }
    const std::vector<double>& took() const { return took_; }

private:
    std::uint16_t port_;
    const std::function<std::string(int)>& ask_;
    int first_;
    Asks asks_;
    int asked_ = 0;
    std::vector<double> took_ = {};
};

}  // namespace

std::vector<double> browse(std::uint16_t port, int readers, const Asks& asks,
                           const std::function<std::string(int)>& ask) {
    std::vector<Browsing> people;
    people.reserve(static_cast<std::size_t>(readers));
    std::vector<Conversation*> all;
    for (int reader = 0; reader < readers; ++reader) {
        all.push_back(&people.emplace_back(port, ask, reader * (asks.asks + asks.skipped), asks));
    }
    converse(all);
    std::vector<double> took;
    for (const auto& one : people) {
        took.insert(took.end(), one.took().begin(), one.took().end());
    }
    return took;
}

}  // namespace madoguchi::bench
