#include "base/entropy.hpp"

#include <sys/random.h>
#include <cerrno>
#include <cstdlib>

#include "base/encoding.hpp"

namespace madoguchi {

std::string Entropy::bytes(std::size_t count) {
    std::string out(count, '\0');
    fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return out;
}

std::uint32_t Entropy::below(std::uint32_t bound) {
    const std::uint32_t limit = UINT32_MAX - UINT32_MAX % bound;
    std::uint32_t value = 0;
    do {
        fill({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
    } while (value >= limit);
    return value % bound;
}

SecretText Entropy::characters(std::string_view alphabet, std::size_t length) {
    std::string out;
    out.reserve(length);
    for (std::size_t i = 0; i < length; ++i) {
        out.push_back(alphabet[below(static_cast<std::uint32_t>(alphabet.size()))]);
    }
    return SecretText(std::move(out));
}

SecretText Entropy::token() {
    return SecretText(to_base64url(bytes(32)));
}

SecretText Entropy::digits(std::size_t digits) {
    return characters("0123456789", digits);
}

void OsEntropy::fill(std::span<std::uint8_t> bytes) {
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = getrandom(bytes.data() + filled, bytes.size() - filled, 0);
        if (got < 0 && errno != EINTR) {
            std::abort();
        }
        filled += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
}

}  // namespace madoguchi
