using System.Xml.Linq;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Files;
using Xunit;

namespace EdgeCoder.Agent.Tests.Commands;

/// <summary>The project's own tests with the runners that this machine has (failure modes L1, L2).</summary>
public sealed class RunTestsToolTests : IDisposable
{
    private readonly SampleProject project = new();

    public void Dispose() => project.Dispose();

    [Fact]
    public async Task Unittest_tells_each_test_with_expected_and_actual()
    {
        project.Write("sums.py", "def add(a, b):\n    return a - b\n");
        project.Write("test_sums.py", """
            import unittest
            from sums import add

            class Sums(unittest.TestCase):
                def test_zero(self):
                    self.assertEqual(add(0, 0), 0)

                def test_sum(self):
                    "adds two numbers"
                    self.assertEqual(add(1, 2), 3)

                @unittest.skip("later")
                def test_later(self):
                    pass

                def test_broken(self):
                    raise KeyError("x")

                def test_parts(self):
                    for i in range(2):
                        with self.subTest(i=i):
                            self.assertEqual(i, 0)
            """);
        var result = await project.TestAsync();
        Assert.Equal(
            [("test_sums.Sums.test_broken", TestStatus.Errored), ("test_sums.Sums.test_later", TestStatus.Skipped), ("test_sums.Sums.test_parts", TestStatus.Failed), ("test_sums.Sums.test_sum", TestStatus.Failed), ("test_sums.Sums.test_zero", TestStatus.Passed)],
            result.Tests!.Cases.Select(one => (one.Name, one.Status)).Order());
        var failed = result.Tests.Cases.Single(one => one.Name.EndsWith("test_sum", StringComparison.Ordinal));
        Assert.Equal(("3", "-1"), (failed.Expected, failed.Actual));
        Assert.True(result.Tests.Complete);
        Assert.False(result.Tests.IsPass);
        Assert.Contains("expected: 3\n  actual: -1", result.Text, StringComparison.Ordinal);
        Assert.Equal(["shell_request", "shell_output", "test_report"], project.Events.Select(one => one switch { ShellRequestEvent => "shell_request", ShellOutputEvent => "shell_output", TestReportEvent => "test_report", _ => "?" }));
        Assert.DoesNotContain(project.Path, result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_tells_each_test_with_expected_and_actual()
    {
        project.Write("package.json", """{"type": "module", "scripts": {"test": "node --test"}}""");
        project.Write("sums.test.js", """
            import test, { describe } from 'node:test';
            import assert from 'node:assert/strict';
            test('passes', () => assert.equal(1, 1));
            describe('group', () => { test('fails', () => assert.equal(3, 4)); test.skip('later', () => {}); });
            """);
        var result = await project.TestAsync();
        Assert.Equal([("fails", TestStatus.Failed), ("later", TestStatus.Skipped), ("passes", TestStatus.Passed)], result.Tests!.Cases.Select(one => (one.Name, one.Status)).Order());
        var failed = result.Tests.Cases.Single(one => one.Status == TestStatus.Failed);
        Assert.Equal(("4", "3"), (failed.Expected, failed.Actual));
        Assert.Equal(("node:test", true), (result.Tests.Framework, result.Tests.Complete));

        var selected = await project.TestAsync("""{"selection":"passes"}""");
        Assert.Equal((1, 0), (selected.Tests!.Passed, selected.Tests.Failed));
    }

    [Fact]
    public async Task Dotnet_restores_builds_and_tests_from_what_is_there()
    {
        // The very packages that these tests are built with.
        var version = XElement.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion").Single(one => (string?)one.Attribute("Include") == "xunit.v3").Attribute("Version")!.Value;
        project.Write("global.json", """{"test": {"runner": "Microsoft.Testing.Platform"}}""");
        project.Write("Sample.Tests.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><TreatWarningsAsErrors>true</TreatWarningsAsErrors></PropertyGroup>
              <ItemGroup><PackageReference Include="xunit.v3" Version="{version}" /></ItemGroup>
            </Project>
            """);
        project.Write("Sums.cs", "using Xunit; public class Sums { [Fact] public void Good() {} [Fact] public void Bad() => Assert.Equal(4, 3); [Fact(" + "Skip" + " = \"x\")] public void Later() {} }");
        var result = await project.TestAsync();
        Assert.Equal([("Sums.Bad", TestStatus.Failed), ("Sums.Good", TestStatus.Passed), ("Sums.Later", TestStatus.Skipped)], result.Tests!.Cases.Select(one => (one.Name, one.Status)).Order());
        Assert.Equal(("4", "3"), result.Tests.Cases.Where(one => one.Status == TestStatus.Failed).Select(one => (one.Expected, one.Actual)).Single());
        Assert.True(result.Tests.Complete, result.Text);
    }

    [Fact]
    public async Task Virtual_environment_of_the_persons_project_is_used()
    {
        using var person = new SampleProject();
        await person.CommandAsync("""{"command":["python3","-m","venv","--without-pip",".venv"]}""");
        project.Commands = project.Commands with { Dependencies = person.Commands.Root };
        project.Write("test_a.py", "import unittest, sys\nclass A(unittest.TestCase):\n    def test_a(self): self.assertIn('.venv', sys.prefix)\n");
        Assert.True((await project.TestAsync()).Tests!.IsPass);
        Assert.Equal(".venv/bin/python", project.Events.OfType<ShellRequestEvent>().Single().Command[0]);
    }

    [Theory]
    [InlineData("test:\n\t@echo nothing; exit 0\n", true, "exit_code")]
    [InlineData("test:\n\t@echo wrong; exit 3\n", false, "exit_code")]
    [InlineData("test:\n\t@echo no tests found\n", false, "exit_code")]
    [InlineData("test:\n\t@echo TAP version 13; echo 1..2; echo ok 1 - a; echo ok 2 - b\n", true, "tap")]
    [InlineData("test:\n\t@echo TAP version 13; echo 1..2; echo ok 1 - a\n", false, "tap")]
    public async Task Make_has_its_exit_code_or_what_it_prints(string makefile, bool pass, string framework)
    {
        project.Write("Makefile", makefile);
        var result = await project.TestAsync();
        Assert.Equal((pass, framework), (result.Tests!.IsPass, result.Tests.Framework));
        Assert.True(framework == "tap" || result.Tests.Cases.All(one => one.Name.Contains("exit code", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("import unittest\n", false)] // no test
    [InlineData("import unittest\nclass A(unittest.TestCase):\n    @unittest.skip('')\n    def test_a(self): pass\n", false)] // all skipped
    [InlineData("import unittest, os\nclass A(unittest.TestCase):\n    def test_a(self): os._exit(0)\n", false)] // early exit
    [InlineData("import unittest, sys\nclass A(unittest.TestCase):\n    def test_a(self): pass\nsys.exit(0)\n", false)] // exit while it is loaded
    [InlineData("import unittest\nclass A(unittest.TestCase):\n    def test_a(self): pass\n", true)]
    public async Task Success_is_tests_that_passed_and_not_an_exit_code(string tests, bool pass)
    {
        project.Write("test_a.py", tests);
        Assert.Equal(pass, (await project.TestAsync()).Tests!.IsPass);
    }

    [Fact]
    public async Task Syntax_error_is_told_with_its_line()
    {
        project.Write("test_a.py", "import unittest\ndef broken(:\n");
        var result = await project.TestAsync();
        Assert.False(result.Tests!.IsPass);
        Assert.Contains("SyntaxError", result.Text, StringComparison.Ordinal);
        Assert.Contains("line 2", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_that_fails_once_is_told_as_flaky()
    {
        project.Write("test_a.py", """
            import os, unittest
            class A(unittest.TestCase):
                def test_a(self):
                    runs = int(open("runs").read() or 0) if os.path.exists("runs") else 0
                    open("runs", "w").write(str(runs + 1))
                    self.assertNotEqual(runs, 1)
                def test_b(self):
                    self.assertFalse(os.path.exists("broken"))
            """);
        var tests = new EdgeCoder.Agent.Commands.ProjectTests(project.Commands, null);
        var tool = new EdgeCoder.Agent.Commands.RunTestsTool(project.Commands, tests);
        Assert.True((await project.CallAsync(tool, "{}")).Tests!.IsPass);
        project.Write("broken", "");
        var result = await project.CallAsync(tool, "{}");
        Assert.Contains("Flaky, failed and then passed: test_a.A.test_a", result.Text, StringComparison.Ordinal);
        Assert.Equal(["test_a.A.test_b"], result.Tests!.Cases.Where(one => one.Status == TestStatus.Failed).Select(one => one.Name));
    }

    [Fact]
    public async Task Result_is_within_its_cap_whatever_fails()
    {
        project.Write("test_a.py", """
            import unittest
            class A(unittest.TestCase):
                maxDiff = None
            for i in range(40):
                setattr(A, f"test_{i:02}", lambda self: self.assertEqual("\u4e2d" * 3000, "\u6587" * 3000))
            """);
        var result = await project.TestAsync();
        Assert.Equal(40, result.Tests!.Failed);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(result.Text), 30_000, 64 << 10);
        Assert.Contains("more failures are not shown]", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_over_a_hidden_file_is_explained()
    {
        project.Write("fixture.pem", "password");
        project.Write("test_a.py", "import unittest\nclass A(unittest.TestCase):\n    def test_a(self): self.assertEqual(open('fixture.pem').read(), 'x' * 8)\n");
        project.Denied.Add("fixture.pem");
        var result = await project.TestAsync();
        Assert.Contains("the secret-file policy hides them: fixture.pem.", result.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("password", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_dependency_names_the_command_that_a_person_runs()
    {
        project.Write("requirements.txt", "somewhere\n");
        project.Write("test_a.py", "import unittest, somewhere_that_is_not\n");
        Assert.Contains("pip install -r requirements.txt", (await project.TestAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_command_is_told()
    {
        var fault = await Assert.ThrowsAsync<EdgeCoder.Agent.Tools.ToolException>(() => project.TestAsync());
        Assert.StartsWith("no_test_command: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Selection_that_would_be_an_option_is_refused()
    {
        project.Write("test_a.py", "import unittest\n");
        foreach (var value in (string[])["-x", "--junitxml=/tmp/x", "@file", "a\\u0000b", ""])
        {
            await Assert.ThrowsAsync<EdgeCoder.Agent.Tools.ToolException>(() => project.TestAsync($$"""{"selection":"{{value}}"}"""));
        }
    }
}
