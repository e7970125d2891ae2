using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace EdgeCoder.Coordinator.Tasks;

/// <summary>Small JSON objects of events and log entries, from names and values that are mostly ids and codes.</summary>
internal static class EventData
{
    /// <summary>An object; members with null are left out, integers and booleans are written as such.</summary>
    public static string Of(params ReadOnlySpan<(string Name, object? Value)> members)
    {
        var json = new StringBuilder(96).Append('{');
        foreach (var (name, value) in members)
        {
            if (value is null)
            {
                continue;
            }

            json.Append(json.Length > 1 ? ",\"" : "\"").Append(name).Append("\":");
            _ = value switch
            {
                bool flag => json.Append(flag ? "true" : "false"),
                int or long or decimal => json.Append(CultureInfo.InvariantCulture, $"{value}"),
                _ => json.Append('"').Append(JavaScriptEncoder.Default.Encode((string)value)).Append('"'),
            };
        }

        return json.Append('}').ToString();
    }
}
