#include "gateway/twilio_provider.hpp"

#include <nlohmann/json.hpp>

#include "base/limits.hpp"
#include "gateway/spoken_text.hpp"
#include "gateway/twilio_form.hpp"

namespace madoguchi::gateway {
namespace {

using Outcome = Offer::Outcome;

FormFields sms_fields(const TwilioSettings& settings, const OutgoingMessage& message) {
    const bool service = settings.sms_from.starts_with("MG");
    return {{"To", message.e164},
            {service ? "MessagingServiceSid" : "From", settings.sms_from},
            {"Body", message.text.reveal()},
            {"ValidityPeriod", std::to_string(message.valid_for.count())}};
}

FormFields call_fields(const TwilioSettings& settings, const OutgoingMessage& message) {
    return {{"To", message.e164},
            {"From", settings.voice_from},
            {"Twiml", twiml(message.text.reveal(), message.locale)},
            {"Timeout", std::to_string(limits::kCallRings.count())},
            {"StatusCallbackEvent", "initiated"},
            {"StatusCallbackEvent", "ringing"},
            {"StatusCallbackEvent", "answered"},
            {"StatusCallbackEvent", "completed"}};
}

HttpCall call_of(const TwilioSettings& settings, const OutgoingMessage& message) {
    const bool sms = message.kind == MessageKind::sms;
    auto fields = sms ? sms_fields(settings, message) : call_fields(settings, message);
    fields.emplace_back("StatusCallback",
                        settings.callback_origin + "/gateway/twilio/" + std::to_string(message.id.value));
    return {.url = settings.base_url + "/2010-04-01/Accounts/" + settings.account +
                   (sms ? "/Messages.json" : "/Calls.json"),
            .user = settings.account,
            .password = settings.auth_token,
            .headers = {"Content-Type: application/x-www-form-urlencoded; charset=utf-8", "Accept: application/json"},
            .body = SecretText(form_encoded(fields))};
}

std::string text_of(const nlohmann::json& answer, const char* name) {
    const auto found = answer.is_object() ? answer.find(name) : answer.end();
    return answer.is_object() && found != answer.end() && found->is_string() ? found->get<std::string>() : "";
}

int number_of(const nlohmann::json& answer, const char* name) {
    const auto found = answer.is_object() ? answer.find(name) : answer.end();
    return answer.is_object() && found != answer.end() && found->is_number_integer() ? found->get<int>() : 0;
}

// It said that it has the message. What it said beyond that may be nonsense: then nobody can tell, and nothing is sent
// again.
Offer taken(const OutgoingMessage& message, const nlohmann::json& answer, std::string_view gateway) {
    const auto id = text_of(answer, "sid");
    const auto status = text_of(answer, "status");
    const auto state = message.kind == MessageKind::sms ? twilio_message_state(status) : twilio_call_state(status);
    const int units = message.kind == MessageKind::sms ? sms_segments(message.text.reveal()) : 1;
    if (!is_provider_id(id) || !state) {
        return {.outcome = Outcome::unclear,
                .delivery = {DeliveryState::unknown, "", std::string(gateway), units},
                .why = "an answer that is none"};
    }
    return {.outcome = Outcome::taken, .delivery = {*state, id, std::string(gateway), units}};
}

Outcome outcome_of(int status, int error) {
    if (status >= 400 && status < 500 && is_number_refused(error)) {
        return Outcome::never;
    }
    switch (status) {
        case 401:  // our credentials, or our account
        case 403:
        case 404:
        case 429:
        case 503:  // at its door: nothing was taken
            return Outcome::down;
        default:
            // A broken or hurried answer of something between us and the provider may hide that it took the message.
            return status >= 500 || status < 300 ? Outcome::unclear : Outcome::refused;
    }
}

}  // namespace

Offer TwilioProvider::offer(const OutgoingMessage& message) {
    const int units = message.kind == MessageKind::sms ? sms_segments(message.text.reveal()) : 1;
    const Delivery perhaps{DeliveryState::unknown, "", std::string(name()), units};
    const auto reply = http_.post(call_of(settings_, message));
    if (!reply) {
        const bool reached = reply.error().reach == HttpTrouble::Reach::unclear;
        return {.outcome = reached ? Outcome::unclear : Outcome::down, .delivery = perhaps, .why = reply.error().why};
    }
    const auto answer = nlohmann::json::parse(reply->body, nullptr, false);
    if (reply->status == 200 || reply->status == 201) {
        return taken(message, answer, name());
    }
    const int error = number_of(answer, "code");
    return {.outcome = outcome_of(reply->status, error),
            .delivery = perhaps,
            .why = "status " + std::to_string(reply->status) + " error " + std::to_string(error),
            .retry_after = reply->retry_after};
}

}  // namespace madoguchi::gateway
