#include "crypto/webauthn.hpp"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

#include <algorithm>
#include <memory>

#include "base/limits.hpp"
#include "crypto/hmac.hpp"

namespace madoguchi::crypto {
namespace {

template <class T, void (*release)(T**)>
struct Releaser {
    void operator()(T* value) const { release(&value); }
};
template <class T, void (*release)(T**)>
using Handle = std::unique_ptr<T, Releaser<T, release>>;

using Credential = Handle<fido_cred_t, fido_cred_free>;
using Assertion = Handle<fido_assert_t, fido_assert_free>;
using Es256Key = Handle<es256_pk_t, es256_pk_free>;
using EdDsaKey = Handle<eddsa_pk_t, eddsa_pk_free>;
using Rs256Key = Handle<rs256_pk_t, rs256_pk_free>;

tl::unexpected<Error> refused(std::string detail) {
    return failure(ErrorKind::invalid, "passkey_refused", std::move(detail));
}

const unsigned char* data_of(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string bytes_of(const unsigned char* data, std::size_t size) {
    return data == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(data), size);
}

/// A key that libfido2 and OpenSSL accept as one: a point on the curve, a modulus of a sane length.
class PublicKey {
public:
    static Result<PublicKey> load(const PasskeyKey& key) {
        PublicKey out;
        int status = FIDO_ERR_UNSUPPORTED_ALGORITHM;
        switch (key.algorithm) {
            case COSE_ES256:
                out.es256_.reset(es256_pk_new());
                status = es256_pk_from_ptr(out.es256_.get(), key.bytes.data(), key.bytes.size());
                break;
            case COSE_EDDSA:
                out.eddsa_.reset(eddsa_pk_new());
                status = eddsa_pk_from_ptr(out.eddsa_.get(), key.bytes.data(), key.bytes.size());
                break;
            case COSE_RS256:
                out.rs256_.reset(rs256_pk_new());
                status = rs256_pk_from_ptr(out.rs256_.get(), key.bytes.data(), key.bytes.size());
                break;
            default:
                break;
        }
        if (status != FIDO_OK) {
            return refused("key of algorithm " + std::to_string(key.algorithm) + ": " + fido_strerr(status));
        }
        return out;
    }
    const void* get() const {
        return es256_   ? static_cast<const void*>(es256_.get())
               : eddsa_ ? static_cast<const void*>(eddsa_.get())
                        : static_cast<const void*>(rs256_.get());
    }

private:
    Es256Key es256_;
    EdDsaKey eddsa_;
    Rs256Key rs256_;
};

Result<void> check_client_data(const RelyingParty& party, std::string_view type, std::string_view challenge,
                               std::string_view client_data) {
    const auto data = TRY(parse_client_data(client_data));
    if (data.type != type) {
        return failure(ErrorKind::invalid, "passkey_malformed", "client data of type " + data.type.substr(0, 40));
    }
    if (data.origin != party.origin || data.cross_origin) {
        return failure(ErrorKind::invalid, "passkey_wrong_origin", data.origin.substr(0, 200));
    }
    if (challenge.empty() || !equal_in_constant_time(data.challenge, challenge)) {
        return failure(ErrorKind::invalid, "passkey_stale", "another challenge");
    }
    return {};
}

Result<AuthenticatorData> check_authenticator(const RelyingParty& party, UserVerification verification,
                                              std::string_view authenticator_data) {
    auto data = TRY(parse_authenticator_data(authenticator_data));
    if (data.rp_id_hash != sha256(party.id)) {
        return refused("made for another relying party");
    }
    if (!data.user_present()) {
        return refused("nobody was there");
    }
    if (verification == UserVerification::required && !data.user_verified()) {
        return failure(ErrorKind::invalid, "passkey_unverified");
    }
    return data;
}

}  // namespace

RelyingParty relying_party(const std::string& origin) {
    constexpr std::string_view kScheme = "https://";
    const std::string_view place = std::string_view(origin).substr(std::min(kScheme.size(), origin.size()));
    return {.id = std::string(place.substr(0, place.find(':'))), .origin = origin};
}

Result<RegisteredPasskey> verify_registration(const RelyingParty& party, std::string_view challenge,
                                              const RegistrationMessage& message) {
    TRY(check_client_data(party, "webauthn.create", challenge, message.client_data));
    const auto bytes = TRY(authenticator_data_of(message.attestation_object));
    const auto data = TRY(check_authenticator(party, UserVerification::preferred, bytes));
    if (!data.has_credential()) {
        return refused("no credential");
    }
    for (const int algorithm : kPasskeyAlgorithms) {
        const Credential credential(fido_cred_new());
        if (credential == nullptr || fido_cred_set_type(credential.get(), algorithm) != FIDO_OK ||
            fido_cred_set_authdata_raw(credential.get(), data_of(bytes), bytes.size()) != FIDO_OK) {
            continue;  // of another algorithm, or nothing that libfido2 can read
        }
        RegisteredPasskey out{
            .credential_id = bytes_of(fido_cred_id_ptr(credential.get()), fido_cred_id_len(credential.get())),
            .key = {algorithm,
                    bytes_of(fido_cred_pubkey_ptr(credential.get()), fido_cred_pubkey_len(credential.get()))},
            .sign_count = data.sign_count,
            .user_verified = data.user_verified()};
        if (out.credential_id.empty() || out.credential_id.size() > limits::kPasskeyCredentialIdBytes) {
            return refused("credential id of " + std::to_string(out.credential_id.size()) + " bytes");
        }
        TRY(PublicKey::load(out.key));
        return out;
    }
    return refused("no key of an algorithm that was asked for");
}

Result<AssertedPasskey> verify_assertion(const RelyingParty& party, std::string_view challenge,
                                         UserVerification verification, const PasskeyKey& key,
                                         const AssertionMessage& message) {
    TRY(check_client_data(party, "webauthn.get", challenge, message.client_data));
    const auto data = TRY(check_authenticator(party, verification, message.authenticator_data));
    const auto loaded = TRY(PublicKey::load(key));
    const Assertion assertion(fido_assert_new());
    const auto& signed_data = message.authenticator_data;
    const auto& signature = message.signature;
    const bool filled =
        assertion != nullptr && fido_assert_set_count(assertion.get(), 1) == FIDO_OK &&
        fido_assert_set_rp(assertion.get(), party.id.c_str()) == FIDO_OK &&
        fido_assert_set_clientdata(assertion.get(), data_of(message.client_data), message.client_data.size()) ==
            FIDO_OK &&
        fido_assert_set_authdata_raw(assertion.get(), 0, data_of(signed_data), signed_data.size()) == FIDO_OK &&
        fido_assert_set_sig(assertion.get(), 0, data_of(signature), signature.size()) == FIDO_OK &&
        fido_assert_set_up(assertion.get(), FIDO_OPT_TRUE) == FIDO_OK &&
        fido_assert_set_uv(assertion.get(),
                           verification == UserVerification::required ? FIDO_OPT_TRUE : FIDO_OPT_OMIT) == FIDO_OK;
    if (!filled) {
        return failure(ErrorKind::invalid, "passkey_malformed", "assertion that libfido2 can't read");
    }
    if (const int status = fido_assert_verify(assertion.get(), 0, key.algorithm, loaded.get()); status != FIDO_OK) {
        return refused(std::string("assertion: ") + fido_strerr(status));
    }
    return AssertedPasskey{.sign_count = data.sign_count, .user_verified = data.user_verified()};
}

}  // namespace madoguchi::crypto
