#include "http/assets.hpp"

#include <openssl/sha.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "base/encoding.hpp"

namespace madoguchi::http {
namespace {

constexpr std::size_t kHashDigits = 8;
constexpr std::string_view kPrefix = "/assets/";

std::string content_type_of(const std::string& extension) {
    static const std::map<std::string, std::string> kTypes = {{".css", "text/css; charset=utf-8"},
                                                              {".js", "text/javascript; charset=utf-8"},
                                                              {".svg", "image/svg+xml"},
                                                              {".png", "image/png"},
                                                              {".ico", "image/x-icon"},
                                                              {".webp", "image/webp"},
                                                              {".txt", "text/plain; charset=utf-8"},
                                                              {".webmanifest", "application/manifest+json"}};
    const auto found = kTypes.find(extension);
    return found == kTypes.end() ? std::string() : found->second;
}

std::string hash_of(const std::string& body) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest.data());
    return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()}).substr(0, kHashDigits);
}

Result<Asset> read_asset(const std::filesystem::path& path) {
    Asset asset;
    asset.content_type = content_type_of(path.extension().string());
    std::ifstream file(path, std::ios::binary);
    asset.body.assign(std::istreambuf_iterator<char>(file), {});
    if (asset.content_type.empty() || !file) {
        return failure(ErrorKind::internal, "internal", path.string() + ": unreadable or of an unknown kind");
    }
    asset.hash = hash_of(asset.body);
    asset.url = std::string(kPrefix) + path.stem().string() + "." + asset.hash + path.extension().string();
    return asset;
}

}  // namespace

Result<Assets> Assets::load(const std::string& directory) {
    Assets assets;
    std::error_code problem;
    for (auto entry = std::filesystem::directory_iterator(directory, problem);
         !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
        if (!entry->is_regular_file()) {
            continue;
        }
        const auto asset = std::make_shared<const Asset>(TRY(read_asset(entry->path())));
        assets.by_name_.emplace(entry->path().filename().string(), asset);
        assets.by_hashed_name_.emplace(asset->url.substr(kPrefix.size()), asset);
    }
    if (problem) {
        return failure(ErrorKind::internal, "internal", directory + ": " + problem.message());
    }
    return assets;
}

const Asset* Assets::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second.get();
}

const std::string& Assets::url(std::string_view name) const {
    const auto* const asset = find(name);
    if (asset == nullptr) {
        throw std::out_of_range("no asset " + std::string(name));
    }
    return asset->url;
}

Result<Response> Assets::serve(const Request& request, const std::string& name) const {
    const auto hashed = by_hashed_name_.find(name);
    const auto* const asset = hashed != by_hashed_name_.end() ? hashed->second.get() : find(name);
    if (asset == nullptr) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto tag = '"' + asset->hash + '"';
    const bool known = request.header("if-none-match") == tag;
    auto response = known ? Response::empty(304) : Response{200, asset->content_type, asset->body};
    response.with_header("Cache-Control",
                         hashed != by_hashed_name_.end() ? "public, max-age=31536000, immutable" : "no-cache");
    response.with_header("ETag", tag);
    return response;
}

void Assets::mount(RouteTable& routes) const {
    routes.plain(Method::get, "/assets/{name}",
                 [this](const Request& request) { return serve(request, request.path_parameter("name")); });
}

}  // namespace madoguchi::http
