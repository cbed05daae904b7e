/// Where the client's session puts what a meter returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "dlms/client/configuration.hpp"

namespace ferraris::cli {

/// Grows with the value.
class VectorSink : public dlms::ResponseSink {
public:
    explicit VectorSink(std::vector<std::uint8_t>& octets) : octets_(octets) {}
    bool append(ByteView octets) override {
        if (octets.size() > kLongestValue - octets_.size()) return false;
        octets_.insert(octets_.end(), octets.begin(), octets.end());
        return true;
    }

private:
    /// A value that does not end is no value.
    static constexpr std::size_t kLongestValue = 64U << 20U;

    std::vector<std::uint8_t>& octets_;
};

/// Hands the pieces on as they come.
class FunctionSink : public dlms::ResponseSink {
public:
    explicit FunctionSink(const std::function<bool(ByteView)>& take) : take_(take) {}
    bool append(ByteView octets) override {
        touched_ = true;
        return take_(octets);
    }
    /// Something was handed on, so that the value cannot be begun again.
    [[nodiscard]] bool touched() const { return touched_; }

private:
    const std::function<bool(ByteView)>& take_;
    bool touched_{false};
};

}  // namespace ferraris::cli
