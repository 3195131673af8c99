// Providers in an order, one order for SMS and one for calls: the first that can is the one that sends.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/time.hpp"
#include "gateway/circuit.hpp"
#include "gateway/gateway.hpp"

namespace madoguchi::gateway {

struct GatewayObserver {
    std::function<void(std::string_view provider, MessageId message, const Offer& offer)> offered;
    std::function<void(std::string_view provider, bool skipped)> skipped;  // when that changes
};

/// Falls back only from a provider that certainly has not got the message: what may have been sent is not sent again.
/// Safe for many threads.
class FallbackGateway final : public MessageGateway {
public:
    using Order = std::vector<std::shared_ptr<Provider>>;
    FallbackGateway(Order sms, Order voice, const Clock& clock, GatewayObserver observer);

    /// Errors: unavailable (gateway_down: nobody took it; kGatewaySkipped with retry_after: nobody was asked), invalid
    /// (number_refused).
    Result<Delivery> send(const OutgoingMessage& message) override;

private:
    struct Way {
        std::shared_ptr<Provider> provider;
        std::shared_ptr<Circuit> circuit;  // one a provider, in whichever orders it stands
    };

    std::shared_ptr<Circuit> circuit_of(const Provider& provider) const;
    void note(const Way& way, const OutgoingMessage& message, const Offer& offer);

    const Clock& clock_;
    GatewayObserver observer_;
    std::mutex mutex_;  // of the circuits
    std::vector<Way> sms_;
    std::vector<Way> voice_;
};

}  // namespace madoguchi::gateway
