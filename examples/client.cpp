// Reads the active energy of a meter as client 2, with a password.
// usage: METER_PASSWORD=... client HOST PORT
#include <boost/asio.hpp>
#include <ferraris/crypto/openssl.hpp>
#include <ferraris/dlms/client/session.hpp>
#include <ferraris/dlms/wrapper.hpp>
#include <iostream>
using namespace ferraris::dlms;
using boost::asio::buffer, boost::asio::ip::tcp, ferraris::ByteSpan;

int main(int, char** arguments) {
    boost::asio::io_context network;
    tcp::socket meter(network);
    connect(meter, tcp::resolver(network).resolve(arguments[1], arguments[2]));
    std::array<std::uint8_t, 1024> request, octets, energy;
    const char* const password = std::getenv("METER_PASSWORD");
    const ClientConfiguration reader{.mechanism = AuthenticationMechanism::low,
                                     .secret = ferraris::octets_of(password)};
    const auto crypto = ferraris::make_openssl_crypto();
    NoInvocationCounters no_ciphering;
    ClientSession session(reader, *crypto, no_ciphering, request);

    const auto succeeds = [&](Progress progress) {
        while (progress.step == Step::send) {
            ferraris::ByteWriter out(octets);
            if (!write_wrapper({2, 1, progress.apdu}, out)) return false;
            write(meter, buffer(octets, out.size()));
            const std::size_t header = read(meter, buffer(octets, kWrapperHeaderOctets));
            const std::size_t size = wrapper_apdu_size(ByteSpan(octets).first(header)).value();
            progress = session.receive(ByteSpan(octets).first(read(meter, buffer(octets, size))));
        }
        return progress.step == Step::done && progress.access_result == DataAccessResult::success;
    };

    SpanSink value(energy);
    if (!succeeds(session.associate())) return 1;
    if (!succeeds(session.get({{3, obis(1, 0, 1, 8, 0), 2}}, value))) return 1;
    std::cout << DataReader(value.octets()).long64_unsigned() << " Wh\n";
}
