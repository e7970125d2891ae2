using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;

namespace EdgeCoder.Coordinator.Silo;

/// <summary>
/// A port for a silo that no other coordinator of this machine takes: the first free one from <see cref="First"/> on. Held until the host ends by a UDP
/// socket on the same number, because two coordinators that start at the same moment would both find the TCP port free.
/// The same port after a restart lets Orleans see at once that the silo before is dead.
/// </summary>
internal sealed class SiloPort : IHostedService, IDisposable
{
    /// <summary>Orleans' own default.</summary>
    public const int First = 11111;

    private const int Tries = 2_000;

    private readonly Socket _reservation;

    private SiloPort(Socket reservation, int number) => (_reservation, Number) = (reservation, number);

    /// <summary>The port.</summary>
    public int Number { get; }

    /// <summary>Finds and holds a port of an address.</summary>
    public static SiloPort Reserve(IPAddress address)
    {
        for (var number = First; number < First + Tries; number++)
        {
            var reservation = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };
            try
            {
                reservation.Bind(new IPEndPoint(address, number));
                using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                probe.Bind(new IPEndPoint(address, number));
                return new(reservation, number);
            }
            catch (SocketException fault) when (fault.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                reservation.Dispose();
            }
            catch
            {
                reservation.Dispose();
                throw;
            }
        }

        throw new InvalidOperationException($"No port of {address} from {First} to {First + Tries - 1} is free for the coordinator's silo. End what uses them.");
    }

    // A service of the host for one reason: its container then ends the reservation.
    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _reservation.Dispose();
}
