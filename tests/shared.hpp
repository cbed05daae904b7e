/// The folder of facts and recordings beside the project: tests read it where it is, and say so where it is not.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace ferraris::testing {

inline std::filesystem::path shared(const std::string& name) { return std::filesystem::path(FERRARIS_SHARED) / name; }

inline nlohmann::json shared_json(const std::string& name) {
    std::ifstream file(shared(name));
    return nlohmann::json::parse(file);
}

}  // namespace ferraris::testing

/// First line of a test that needs `name` from the shared folder.
#define FERRARIS_NEEDS_SHARED(name)                                            \
    if (!std::filesystem::exists(::ferraris::testing::shared(name))) {         \
        GTEST_SKIP() << "needs ../shared/" << (name) << ", which is not here"; \
    }
