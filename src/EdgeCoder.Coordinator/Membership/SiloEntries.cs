using System.Globalization;
using Orleans;
using Orleans.Runtime;

namespace EdgeCoder.Coordinator.Membership;

/// <summary>Orleans' membership entries as rows and back. Times are kept in milliseconds.</summary>
internal static class SiloEntries
{
    /// <summary>A row of an entry.</summary>
    public static SiloRow Row(string clusterId, MembershipEntry entry, string etag) => new()
    {
        ClusterId = clusterId,
        Address = entry.SiloAddress.ToParsableString(),
        Etag = etag,
        Status = entry.Status,
        ProxyPort = entry.ProxyPort,
        HostName = entry.HostName ?? "",
        SiloName = entry.SiloName ?? "",
        RoleName = entry.RoleName,
        UpdateZone = entry.UpdateZone,
        FaultZone = entry.FaultZone,
        Suspects = Suspects(entry.SuspectTimes),
        StartedAtMs = Milliseconds(entry.StartTime),
        IAmAliveMs = Milliseconds(entry.IAmAliveTime),
    };

    /// <summary>The entry of a row.</summary>
    public static MembershipEntry Entry(SiloRow row) => new()
    {
        SiloAddress = SiloAddress.FromParsableString(row.Address),
        Status = row.Status,
        ProxyPort = row.ProxyPort,
        HostName = row.HostName,
        SiloName = row.SiloName,
        RoleName = row.RoleName,
        UpdateZone = row.UpdateZone,
        FaultZone = row.FaultZone,
        SuspectTimes = Suspects(row.Suspects),
        StartTime = Time(row.StartedAtMs),
        IAmAliveTime = Time(row.IAmAliveMs),
    };

    /// <summary>Latest moment that tells of a silo: its own sign of life, its start or a vote against it.</summary>
    public static long LastKnownMs(SiloRow row) =>
        Suspects(row.Suspects).Select(s => Milliseconds(s.Item2)).Append(row.IAmAliveMs).Append(row.StartedAtMs).Max();

    /// <summary>Milliseconds of a time of Orleans, which is UTC whatever its kind says.</summary>
    public static long Milliseconds(DateTime time) => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)).ToUnixTimeMilliseconds();

    /// <summary>Votes as text.</summary>
    public static string Suspects(List<Tuple<SiloAddress, DateTime>>? votes) => votes is null
        ? ""
        : string.Join('|', votes.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Item1.ToParsableString()} {Milliseconds(v.Item2)}")));

    private static List<Tuple<SiloAddress, DateTime>> Suspects(string votes) =>
    [
        .. votes.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split(' '))
            .Select(v => Tuple.Create(SiloAddress.FromParsableString(v[0]), Time(long.Parse(v[1], CultureInfo.InvariantCulture)))),
    ];

    private static DateTime Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime;
}
