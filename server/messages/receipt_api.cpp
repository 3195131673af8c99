#include "messages/receipt_api.hpp"

#include "crypto/hmac.hpp"
#include "gateway/kannel_provider.hpp"
#include "gateway/twilio_form.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::messages {
namespace {

using http::Request;
using http::Response;

tl::unexpected<Error> refuse(const ReceiptSettings& settings, std::string_view gateway, std::string_view outcome) {
    settings.counted(gateway, outcome);
    return outcome == "forged" ? failure(ErrorKind::forbidden, "receipt_forged", std::string(gateway))
                               : failure(ErrorKind::invalid, "receipt_malformed", std::string(gateway));
}

std::string_view to_text(ReceiptEffect effect) {
    switch (effect) {
        case ReceiptEffect::changed:
            return "changed";
        case ReceiptEffect::unchanged:
            return "unchanged";
        case ReceiptEffect::foreign:
            return "foreign";
        case ReceiptEffect::no_such_message:
            break;
    }
    return "no_such_message";
}

Result<Response> take(const MessageService& service, const ReceiptSettings& settings, const Request& request,
                      const ProviderReceipt& receipt) {
    const auto id = http::parse_identifier(request.path_parameter("message"));
    const auto effect =
        id ? TRY(service.receive(MessageId{*id}, receipt, request.now)) : ReceiptEffect::no_such_message;
    settings.counted(receipt.gateway, to_text(effect));
    return Response::empty(204);
}

Result<Response> twilio(const MessageService& service, const ReceiptSettings& settings, const Request& request) {
    const auto form = request.form();
    const auto signature = request.header("x-twilio-signature");
    const bool genuine =
        form && signature &&
        gateway::is_signed_by_twilio(settings.twilio_token, settings.twilio_origin + request.raw_target, form->all(),
                                     *signature);
    if (!genuine) {
        return refuse(settings, "twilio", "forged");
    }
    const auto receipt = gateway::twilio_receipt(form->all());
    if (!receipt) {
        return refuse(settings, "twilio", "malformed");
    }
    return take(service, settings, request, {"twilio", receipt->provider_id, receipt->state});
}

Result<Response> kannel(const MessageService& service, const ReceiptSettings& settings, const Request& request) {
    const auto id = http::parse_identifier(request.path_parameter("message"));
    const auto proof = gateway::kannel_proof(settings.kannel_key, MessageId{id.value_or(0)});
    if (!settings.kannel || !id || !crypto::equal_in_constant_time(proof, request.query.text("proof"))) {
        return refuse(settings, "kannel", "forged");
    }
    const auto state = gateway::kannel_state(request.query.text("state"));
    if (!state) {
        return refuse(settings, "kannel", "malformed");
    }
    return take(service, settings, request, {"kannel", "", *state});
}

}  // namespace

void add_receipt_routes(http::RouteTable& routes, const MessageService& service, const ReceiptSettings& settings) {
    routes.callback(http::Method::post, "/gateway/twilio/{message}",
                    [&service, settings](const Request& request) { return twilio(service, settings, request); });
    routes.callback(http::Method::get, "/gateway/kannel/{message}",
                    [&service, settings](const Request& request) { return kannel(service, settings, request); });
}

}  // namespace madoguchi::messages
