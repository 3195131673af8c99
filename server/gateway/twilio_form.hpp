// Twilio's form of the wire, which other vendors speak too: signatures of callbacks, states, error numbers. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "gateway/gateway.hpp"

namespace madoguchi::gateway {

using FormFields = std::vector<std::pair<std::string, std::string>>;

/// What X-Twilio-Signature holds: base64 of HMAC-SHA1 over the URL and the sorted fields
/// (twilio.com/docs/usage/security#validating-requests).
std::string twilio_signature(const SecretText& auth_token, std::string_view url, FormFields fields);
/// Twilio signs the URL with or without the port, whatever was given to it, so both are good.
bool is_signed_by_twilio(const SecretText& auth_token, const std::string& url, const FormFields& fields,
                         std::string_view signature);

/// What MessageStatus and CallStatus say; nothing for a word that is not in the documentation.
std::optional<DeliveryState> twilio_message_state(std::string_view status);
std::optional<DeliveryState> twilio_call_state(std::string_view status);

struct Receipt {
    std::string provider_id;
    DeliveryState state = DeliveryState::accepted;
};
/// Nothing: the fields are no receipt.
std::optional<Receipt> twilio_receipt(const FormFields& fields);

/// Error numbers that say that this telephone number can never receive (twilio.com/docs/api/errors).
bool is_number_refused(int twilio_error);

/// Letters, digits, "-" and "_", at most limits::kProviderIdBytes: what we keep and compare as a provider's id.
bool is_provider_id(std::string_view text);

}  // namespace madoguchi::gateway
