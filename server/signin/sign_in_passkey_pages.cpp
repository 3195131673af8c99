// Pages of passkeys: the browser's options go out as JSON in an attribute, its answer comes back in an ordinary form.
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/encoding.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "signin/sign_in_pages.hpp"

namespace madoguchi::signin {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;

Step step_of(const Request& request, const http::Fields& form) {
    return {SecretText(request.cookie(http::kFlowCookie).value_or("")), form.find("step")};
}

json references(const std::vector<PasskeyReference>& known) {
    json out = json::array();
    for (const auto& [credential_id, transports] : known) {
        json named = json::array();
        std::istringstream words(transports);
        for (std::string word; words >> word;) {
            named.push_back(word);
        }
        out.push_back({{"type", "public-key"}, {"id", to_base64url(credential_id)}, {"transports", std::move(named)}});
    }
    return out;
}

std::int64_t timeout_ms() {
    return std::chrono::milliseconds(limits::kPasskeyTimeout).count();
}

// Bytes that the browser's script encoded: nothing where they are too many or none of its making.
Result<std::string> bytes_of(const http::Fields& form, std::string_view field) {
    const std::string text = form.text(field);
    auto bytes = text.size() > 2 * limits::kPasskeyMessageBytes ? std::nullopt : from_base64url(text);
    if (!bytes) {
        return failure(ErrorKind::invalid, "passkey_malformed", std::string(field) + " is no base64url");
    }
    return std::move(*bytes);
}

Result<crypto::RegistrationMessage> registration_of(const http::Fields& form) {
    auto client_data = TRY(bytes_of(form, "client_data"));
    auto attestation_object = TRY(bytes_of(form, "attestation_object"));
    return crypto::RegistrationMessage{.client_data = std::move(client_data),
                                       .attestation_object = std::move(attestation_object)};
}

Result<crypto::AssertionMessage> assertion_of(const http::Fields& form) {
    auto credential_id = TRY(bytes_of(form, "credential_id"));
    auto client_data = TRY(bytes_of(form, "client_data"));
    auto authenticator_data = TRY(bytes_of(form, "authenticator_data"));
    auto signature = TRY(bytes_of(form, "signature"));
    auto user_handle = TRY(bytes_of(form, "user_handle"));
    return crypto::AssertionMessage{.credential_id = std::move(credential_id),
                                    .client_data = std::move(client_data),
                                    .authenticator_data = std::move(authenticator_data),
                                    .signature = std::move(signature),
                                    .user_handle = std::move(user_handle)};
}

// WebAuthn §5.4: what navigator.credentials.create() takes, its bytes as base64url.
std::string creation_options(const FlowView& view, const crypto::RelyingParty& party, const std::string& service) {
    json algorithms = json::array();
    for (const int algorithm : crypto::kPasskeyAlgorithms) {
        algorithms.push_back({{"type", "public-key"}, {"alg", algorithm}});
    }
    const json options = {
        {"rp", {{"id", party.id}, {"name", service}}},
        {"user",
         {{"id", to_base64url(view.passkey->user_handle)},
          {"name", view.flow.login_id},
          {"displayName", view.flow.login_id}}},
        {"challenge", to_base64url(view.passkey->challenge)},
        {"pubKeyCredParams", std::move(algorithms)},
        {"timeout", timeout_ms()},
        {"excludeCredentials", references(view.passkey->known)},
        {"authenticatorSelection",
         {{"residentKey", "preferred"}, {"requireResidentKey", false}, {"userVerification", "preferred"}}},
        {"attestation", "none"}};
    return options.dump();
}

// WebAuthn §5.5. Alone, no credential is named: whose they are is not known yet, and must not be told (S12).
std::string request_options(const FlowView& view, const crypto::RelyingParty& party) {
    const bool alone = view.flow.state == FlowState::passkey_alone;
    const json options = {{"challenge", to_base64url(view.passkey->challenge)},
                          {"rpId", party.id},
                          {"timeout", timeout_ms()},
                          {"allowCredentials", alone ? json::array() : references(view.passkey->known)},
                          {"userVerification", alone ? "required" : "preferred"}};
    return options.dump();
}

}  // namespace

void SignInPages::draw_passkey(render::View& page, const FlowView& view) const {
    const bool alone = view.flow.state == FlowState::passkey_alone;
    page.show(alone ? "ALONE" : "SECOND").set("OPTIONS", request_options(view, service_.relying_party()));
    if (!alone) {
        page.show(view.methods.size() > 1 ? "OTHER_METHODS" : "NO_OTHER_METHODS");
    }
}

void SignInPages::draw_register_passkey(render::View& page, const FlowView& view, const Request& request,
                                        const http::Fields* typed) const {
    const std::string service = writer_.texts().text("service.name", request.locale);
    page.set("OPTIONS", creation_options(view, service_.relying_party(), service));
    page.set("NAME_MAXIMUM", std::to_string(limits::kMethodLabelCodePoints));
    const auto number = std::ranges::count(view.methods, MethodKind::passkey, &SecondStep::kind) + 1;
    const std::string suggested =
        writer_.texts().text("register_passkey.suggested", request.locale, {{"number", std::to_string(number)}});
    page.set("NAME", typed != nullptr ? typed->text("name") : suggested);
}

SignInPages::Page SignInPages::passkey(const Request& request) {
    return show(request, {FlowState::passkey, FlowState::passkey_alone});
}

SignInPages::Page SignInPages::enter_passkey(const Request& request) {
    const auto form = TRY(request.form());
    const auto message = assertion_of(form);
    if (!message) {
        return refuse(request, message.error());
    }
    const auto stepped = service_.passkey(step_of(request, form), *message, client_of(request));
    return stepped ? Page(go_on(*stepped)) : refuse(request, stepped.error());
}

SignInPages::Page SignInPages::new_passkey(const Request& request) {
    return show(request, {FlowState::register_passkey});
}

SignInPages::Page SignInPages::enter_new_passkey(const Request& request) {
    const auto form = TRY(request.form());
    const auto message = registration_of(form);
    if (!message) {
        return refuse(request, message.error(), &form);
    }
    const auto stepped = service_.made_passkey(step_of(request, form), *message, form.text("name"),
                                               form.text("transports"), client_of(request));
    return stepped ? Page(go_on_after_registration(*stepped)) : refuse(request, stepped.error(), &form);
}

}  // namespace madoguchi::signin
