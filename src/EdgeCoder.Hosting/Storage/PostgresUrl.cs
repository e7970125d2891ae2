using Npgsql;

namespace EdgeCoder.Hosting.Storage;

/// <summary>Reads <c>DATABASE_URL</c>: the URL form that hosts of databases give out, or a connection string.</summary>
internal static class PostgresUrl
{
    /// <summary>Npgsql's name of the most connections of a pool.</summary>
    public const string PoolSize = "Maximum Pool Size";

    private const string Wanted = "Write postgres://user:password@host:5432/database, or a connection string such as Host=…;Database=…;Username=….";

    public static NpgsqlConnectionStringBuilder Read(string value)
    {
        if (!value.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) && !value.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase))
        {
            return value.Contains("://", StringComparison.Ordinal)
                ? throw new FormatException("DATABASE_URL is of another database than PostgreSQL. " + Wanted)
                : Guarded(() => new NpgsqlConnectionStringBuilder(value));
        }

        return Guarded(() => ReadUrl(value));
    }

    private static NpgsqlConnectionStringBuilder ReadUrl(string value)
    {
        // A URL without a host (a socket is named in the query) is legal for PostgreSQL and not for System.Uri: it gets a stand-in.
        const string standIn = "socket.invalid";
        var rest = value[(value.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var authority = rest[..(rest.IndexOfAny(['/', '?']) is >= 0 and var end ? end : rest.Length)];
        var hasHost = authority.Length > 0 && !authority.EndsWith('@');
        var url = new Uri("postgres://" + (hasHost ? rest : authority + standIn + rest[authority.Length..]));

        var builder = new NpgsqlConnectionStringBuilder { Database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/')) };
        if (hasHost)
        {
            builder.Host = Uri.UnescapeDataString(url.Host.Trim('[', ']'));
        }

        if (url.Port > 0)
        {
            builder.Port = url.Port;
        }

        if (url.UserInfo.Length > 0)
        {
            var parts = url.UserInfo.Split(':', 2);
            builder.Username = Uri.UnescapeDataString(parts[0]);
            if (parts.Length == 2)
            {
                builder.Password = Uri.UnescapeDataString(parts[1]);
            }
        }

        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            Option(builder, parts[0], parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "");
        }

        return builder;
    }

    private static void Option(NpgsqlConnectionStringBuilder builder, string name, string value)
    {
        switch (name)
        {
            case "host":
                builder.Host = value;
                break;
            case "port":
                builder["Port"] = value;
                break;
            case "user":
                builder.Username = value;
                break;
            case "password":
                builder.Password = value;
                break;
            case "sslmode":
                builder["SSL Mode"] = value.Replace("-", "", StringComparison.Ordinal);
                break;
            case "sslrootcert":
                builder.RootCertificate = value;
                break;
            case "application_name":
                builder.ApplicationName = value;
                break;
            case "connect_timeout":
                builder["Timeout"] = value;
                break;
            case "pool_max_conns":
                builder[PoolSize] = value;
                break;
            default:
                throw new FormatException($"DATABASE_URL has an option that is not known: {name}. Known: host, port, user, password, sslmode, sslrootcert, application_name, connect_timeout, pool_max_conns.");
        }
    }

    // Exceptions of the readers quote what they read, the password with it.
    private static NpgsqlConnectionStringBuilder Guarded(Func<NpgsqlConnectionStringBuilder> read)
    {
        try
        {
            return read();
        }
        catch (Exception fault) when (fault is ArgumentException or UriFormatException or InvalidCastException or OverflowException || (fault is FormatException && !fault.Message.StartsWith("DATABASE_URL", StringComparison.Ordinal)))
        {
            throw new FormatException("DATABASE_URL cannot be read. " + Wanted);
        }
    }
}
