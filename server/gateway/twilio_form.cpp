#include "gateway/twilio_form.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "crypto/hmac.hpp"

namespace madoguchi::gateway {
namespace {

// RFC 4648 §4.
std::string base64(std::string_view bytes) {
    std::string out = to_base64url(bytes);
    std::ranges::replace(out, '-', '+');
    std::ranges::replace(out, '_', '/');
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

std::string_view value(const FormFields& fields, std::string_view name) {
    const auto found = std::ranges::find(fields, name, [](const auto& field) { return std::string_view(field.first); });
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

// The same URL with its port left out, and with the scheme's own port written out.
std::array<std::string, 2> other_spellings(const std::string& url) {
    const auto host = url.find("://") + 3;
    const auto end = std::min(url.find('/', host), url.size());
    const auto colon = url.rfind(':', end);
    const bool has_port = colon != std::string::npos && colon >= host && url.find(']', colon) > end;
    if (has_port) {
        return {url.substr(0, colon) + url.substr(end), url};
    }
    const std::string port = url.starts_with("https:") ? ":443" : ":80";
    return {url.substr(0, end) + port + url.substr(end), url};
}

}  // namespace

std::string twilio_signature(const SecretText& auth_token, std::string_view url, FormFields fields) {
    std::ranges::sort(fields);
    fields.erase(std::unique(fields.begin(), fields.end()), fields.end());  // a value sent twice is signed once
    std::string signed_text(url);
    for (const auto& [name, text] : fields) {
        signed_text.append(name).append(text);
    }
    return base64(crypto::hmac_sha1(auth_token, signed_text));
}

bool is_signed_by_twilio(const SecretText& auth_token, const std::string& url, const FormFields& fields,
                         std::string_view signature) {
    if (auth_token.empty() || url.find("://") == std::string::npos) {
        return false;
    }
    bool good = false;
    for (const auto& spelling : other_spellings(url)) {
        good = crypto::equal_in_constant_time(twilio_signature(auth_token, spelling, fields), signature) || good;
    }
    return good;
}

std::optional<DeliveryState> twilio_message_state(std::string_view status) {
    constexpr std::array<std::string_view, 6> kUnderWay = {"accepted", "scheduled", "queued",
                                                           "sending",  "sent",      "partially_delivered"};
    if (std::ranges::find(kUnderWay, status) != kUnderWay.end()) {
        return DeliveryState::accepted;
    }
    if (status == "delivered" || status == "read") {
        return DeliveryState::delivered;
    }
    return status == "undelivered" || status == "failed" || status == "canceled" ? std::optional(DeliveryState::failed)
                                                                                 : std::nullopt;
}

std::optional<DeliveryState> twilio_call_state(std::string_view status) {
    if (status == "queued" || status == "initiated") {
        return DeliveryState::accepted;
    }
    if (status == "ringing") {
        return DeliveryState::ringing;
    }
    if (status == "in-progress" || status == "answered" || status == "completed") {
        return DeliveryState::answered;
    }
    if (status == "no-answer") {
        return DeliveryState::unanswered;
    }
    if (status == "busy") {
        return DeliveryState::busy;
    }
    return status == "failed" || status == "canceled" ? std::optional(DeliveryState::failed) : std::nullopt;
}

std::optional<Receipt> twilio_receipt(const FormFields& fields) {
    const bool call = !value(fields, "CallSid").empty();
    const auto id = value(fields, call ? "CallSid" : "MessageSid");
    const auto state =
        call ? twilio_call_state(value(fields, "CallStatus")) : twilio_message_state(value(fields, "MessageStatus"));
    if (!is_provider_id(id) || !state) {
        return std::nullopt;
    }
    return Receipt{std::string(id), *state};
}

bool is_number_refused(int twilio_error) {
    // Not a number, no such number, unreachable, stopped by its owner, no mobile, no way there, a call that can't be.
    constexpr std::array<int, 9> kRefused = {21211, 21214, 21217, 21265, 21610, 21612, 21614, 13223, 13224};
    return std::ranges::find(kRefused, twilio_error) != kRefused.end();
}

bool is_provider_id(std::string_view text) {
    return !text.empty() && text.size() <= limits::kProviderIdBytes && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
    });
}

}  // namespace madoguchi::gateway
