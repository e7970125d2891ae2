using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Hosting.Callers;

/// <summary>
/// Where a request came from (coordinator-and-mesh 1): the socket's address, or what a trusted proxy said, once that was put in its place. It is recorded and
/// limited, and never grants anything.
/// </summary>
public static class ClientAddress
{
    private const int NetworkBytes = 8;

    /// <summary>Key under which failures are counted: an IPv4 address, or the /64 of an IPv6 one, of which one caller has very many.</summary>
    public static string LimitKey(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
        {
            return "none";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
        {
            return address.ToString();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[NetworkBytes..].Clear();
        return new IPAddress(bytes).ToString();
    }

    /// <summary>Whether the request came over loopback.</summary>
    public static bool IsLoopback(HttpContext context) => context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
