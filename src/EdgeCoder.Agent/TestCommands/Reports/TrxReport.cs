using System.Globalization;
using System.Xml;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.TestCommands.Reports;

/// <summary>Visual Studio's XML, as <c>dotnet test --logger trx</c> writes it: pure.</summary>
internal static class TrxReport
{
    /// <summary>Adds the cases of a file. False when it is not whole, or the run was cut off.</summary>
    public static bool Read(string xml, ReportBuilder report)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true });
            reader.MoveToContent();
            if (reader.LocalName != "TestRun")
            {
                return false;
            }

            var outcome = "";
            while (reader.Read())
            {
                if (reader is { NodeType: XmlNodeType.Element, LocalName: "UnitTestResult" })
                {
                    Case(reader, report);
                }
                else if (reader is { NodeType: XmlNodeType.Element, LocalName: "ResultSummary" })
                {
                    outcome = reader.GetAttribute("outcome") ?? "";
                }
            }

            return outcome is "Completed" or "Failed" or "Passed" or "Warning";
        }
        catch (XmlException)
        {
            return false;
        }
    }

    private static void Case(XmlReader reader, ReportBuilder report)
    {
        var name = reader.GetAttribute("testName") ?? "";
        var time = TimeSpan.TryParse(reader.GetAttribute("duration"), CultureInfo.InvariantCulture, out var duration) ? duration.TotalMilliseconds : 0;
        var status = reader.GetAttribute("outcome") switch
        {
            "Passed" or "PassedButRunAborted" => TestStatus.Passed,
            "NotExecuted" or "Inconclusive" or "NotRunnable" => TestStatus.Skipped,
            "Failed" => TestStatus.Failed,
            _ => TestStatus.Errored,
        };
        var message = "";
        if (!reader.IsEmptyElement)
        {
            using var inner = reader.ReadSubtree();
            inner.Read();
            while (inner.Read())
            {
                if (inner is { NodeType: XmlNodeType.Element, LocalName: "Message" or "StackTrace" } && !inner.IsEmptyElement)
                {
                    message += inner.ReadString() + "\n";
                }
            }
        }

        report.Add(name, status, time, message);
    }
}
