#include "gateway/fallback_gateway.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace madoguchi::gateway {

FallbackGateway::FallbackGateway(Order sms, Order voice, const Clock& clock, GatewayObserver observer)
    : clock_(clock), observer_(std::move(observer)) {
    for (auto& provider : sms) {
        auto circuit = circuit_of(*provider);
        sms_.push_back({std::move(provider), std::move(circuit)});
    }
    for (auto& provider : voice) {
        auto circuit = circuit_of(*provider);
        voice_.push_back({std::move(provider), std::move(circuit)});
    }
}

std::shared_ptr<Circuit> FallbackGateway::circuit_of(const Provider& provider) const {
    for (const auto* ways : {&sms_, &voice_}) {
        const auto known =
            std::ranges::find(*ways, provider.name(), [](const Way& way) { return way.provider->name(); });
        if (known != ways->end()) {
            return known->circuit;
        }
    }
    return std::make_shared<Circuit>();
}

void FallbackGateway::note(const Way& way, const OutgoingMessage& message, const Offer& offer) {
    const bool bad = offer.outcome == Offer::Outcome::unclear || offer.outcome == Offer::Outcome::down;
    bool before = false;
    bool after = false;
    {
        const std::lock_guard lock(mutex_);
        before = way.circuit->is_open();
        bad ? way.circuit->bad(clock_.now(), offer.retry_after) : way.circuit->good();
        after = way.circuit->is_open();
    }
    observer_.offered(way.provider->name(), message.id, offer);
    if (before != after) {
        observer_.skipped(way.provider->name(), after);
    }
}

Result<Delivery> FallbackGateway::send(const OutgoingMessage& message) {
    auto& ways = message.kind == MessageKind::sms ? sms_ : voice_;
    std::string tried;
    std::optional<Instant> next_try;
    for (const auto& way : ways) {
        {
            const std::lock_guard lock(mutex_);
            if (!way.circuit->may_try(clock_.now())) {
                next_try = std::min(next_try.value_or(way.circuit->next_try()), way.circuit->next_try());
                continue;
            }
        }
        const Offer offer = way.provider->offer(message);
        note(way, message, offer);
        switch (offer.outcome) {
            case Offer::Outcome::taken:
            case Offer::Outcome::unclear:
                return offer.delivery;
            case Offer::Outcome::never:
                return failure(ErrorKind::invalid, "number_refused", std::string(way.provider->name()));
            case Offer::Outcome::down:
            case Offer::Outcome::refused:
                tried += (tried.empty() ? "" : ", ") + std::string(way.provider->name()) + ": " + offer.why;
        }
    }
    if (tried.empty() && next_try) {
        const auto wait = std::chrono::ceil<std::chrono::seconds>(*next_try - clock_.now());
        return failure(Error{.kind = ErrorKind::unavailable,
                             .message_id = std::string(kGatewaySkipped),
                             .retry_after = std::max(wait, std::chrono::seconds(1))});
    }
    return failure(ErrorKind::unavailable, "gateway_down", tried);
}

}  // namespace madoguchi::gateway
