using System.Globalization;
using System.Xml;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.TestCommands.Reports;

/// <summary>JUnit's XML, as pytest, node, Maven and Gradle write it: pure. A document type, an entity or a cut is a report that is not complete.</summary>
internal static class JunitReport
{
    private const int Deepest = 200;

    /// <summary>Adds the cases of a file. False when it is not whole.</summary>
    public static bool Read(string xml, ReportBuilder report)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true });
            reader.MoveToContent();
            if (reader.LocalName is not ("testsuites" or "testsuite"))
            {
                return false;
            }

            while (reader.Read())
            {
                if (reader.Depth > Deepest)
                {
                    return false;
                }

                if (reader is { NodeType: XmlNodeType.Element, LocalName: "testcase" })
                {
                    Case(reader, report);
                }
            }

            return true;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    private static void Case(XmlReader reader, ReportBuilder report)
    {
        var name = Name(reader);
        var time = double.TryParse(reader.GetAttribute("time"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? seconds * 1000 : 0;
        var (status, message) = (TestStatus.Passed, (string?)null);
        if (!reader.IsEmptyElement)
        {
            using var inner = reader.ReadSubtree();
            inner.Read();
            while (inner.Read())
            {
                if (inner.NodeType == XmlNodeType.Element && inner.LocalName is "failure" or "error" or "skipped" or "rerunFailure")
                {
                    var kind = inner.LocalName switch { "failure" => TestStatus.Failed, "error" => TestStatus.Errored, "skipped" => TestStatus.Skipped, _ => status };
                    var told = inner.GetAttribute("message");
                    var text = inner.IsEmptyElement ? "" : inner.ReadString();
                    (status, message) = (kind, string.IsNullOrEmpty(told) || text.Contains(told, StringComparison.Ordinal) ? text : $"{told}\n{text}");
                }
            }
        }

        report.Add(name, status, time, message);
    }

    // pytest gives the file, and with it the name by which the case can be run again; others give a class, or nothing that tells ("test" is node's for everything).
    private static string Name(XmlReader reader)
    {
        var (name, type, file) = (reader.GetAttribute("name") ?? "", reader.GetAttribute("classname") ?? "", reader.GetAttribute("file") ?? "");
        if (file.EndsWith(".py", StringComparison.Ordinal))
        {
            var module = file[..^3].Replace('/', '.');
            var nested = type.StartsWith(module + ".", StringComparison.Ordinal) ? type[(module.Length + 1)..].Replace(".", "::", StringComparison.Ordinal) + "::" : "";
            return $"{file}::{nested}{name}";
        }

        return type.Length == 0 || type == "test" ? name : $"{type}.{name}";
    }
}
