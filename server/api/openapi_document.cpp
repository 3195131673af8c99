#include "api/openapi_document.hpp"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <fstream>
#include <sstream>

namespace madoguchi::api {
namespace {

nlohmann::ordered_json scalar(const YAML::Node& node) {
    const auto& text = node.Scalar();
    if (node.Tag() == "!") {  // it was quoted
        return text;
    }
    if (text == "null" || text == "~" || text.empty()) {
        return nullptr;
    }
    if (text == "true" || text == "false") {
        return text == "true";
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) {
        return number;
    }
    return text;
}

nlohmann::ordered_json converted(const YAML::Node& node) {
    if (node.IsSequence()) {
        auto out = nlohmann::ordered_json::array();
        for (const auto& item : node) {
            out.push_back(converted(item));
        }
        return out;
    }
    if (node.IsMap()) {
        auto out = nlohmann::ordered_json::object();
        for (const auto& entry : node) {
            out[entry.first.Scalar()] = converted(entry.second);
        }
        return out;
    }
    return node.IsScalar() ? scalar(node) : nlohmann::ordered_json(nullptr);
}

}  // namespace

Result<nlohmann::ordered_json> json_of_yaml(std::string_view yaml) {
    try {
        return converted(YAML::Load(std::string(yaml)));
    } catch (const YAML::Exception& error) {
        return failure(ErrorKind::invalid, "configuration", error.what());
    }
}

Result<nlohmann::ordered_json> load_openapi(const std::filesystem::path& file) {
    const std::ifstream stream(file);
    if (!stream) {
        return failure(ErrorKind::internal, "internal", "can't read " + file.string());
    }
    std::ostringstream text;
    text << stream.rdbuf();
    return json_of_yaml(text.str());
}

}  // namespace madoguchi::api
