namespace EdgeCoder.TestKit.Repositories;

/// <summary>The repositories that scenario tests and the documented trace work in: small, with tests that fail for the thing that is asked.</summary>
public static class SampleRepositories
{
    /// <summary>Python, unittest: <c>parse_date</c> knows calendar dates only.</summary>
    public static SampleRepository PythonDates() => SampleRepository.Of(
        ("dates.py", PythonDatesSource),
        ("tests/__init__.py", ""),
        ("tests/test_dates.py", """
            import datetime
            import unittest

            from dates import parse_date


            class ParseDate(unittest.TestCase):
                def test_calendar_date(self):
                    self.assertEqual(parse_date("2024-02-29"), datetime.date(2024, 2, 29))

                def test_iso_week_date(self):
                    self.assertEqual(parse_date("2024-W09-4"), datetime.date(2024, 2, 29))


            if __name__ == "__main__":
                unittest.main()
            """),
        ("AGENTS.md", "# Rules\n\nKeep functions small. Tests run with `python3 -m unittest`.\n"),
        ("README.md", "# dates\n\nParses dates.\n"));

    /// <summary>Text of <c>dates.py</c> in <see cref="PythonDates"/>.</summary>
    public const string PythonDatesSource = """
        import datetime


        def parse_date(text):
            year, month, day = text.split("-")
            return datetime.date(int(year), int(month), int(day))

        """;

    /// <summary>JavaScript, <c>npm test</c> with node's runner: <c>getTotal</c> is used in three files.</summary>
    public static SampleRepository JavaScriptCart() => SampleRepository.Of(
        ("package.json", """
            {
              "name": "cart",
              "version": "1.0.0",
              "type": "module",
              "scripts": { "test": "node --test" }
            }
            """),
        ("src/total.js", """
            export function getTotal(items) {
              return items.reduce((sum, item) => sum + item.price * item.count, 0);
            }

            """),
        ("src/cart.js", """
            import { getTotal } from './total.js';

            export class Cart {
              items = [];

              add(item) {
                this.items.push(item);
              }

              get total() {
                return getTotal(this.items);
              }
            }

            """),
        ("test/total.test.js", """
            import assert from 'node:assert/strict';
            import test from 'node:test';
            import { Cart } from '../src/cart.js';
            import { getTotal } from '../src/total.js';

            test('sum of prices', () => {
              assert.equal(getTotal([{ price: 2, count: 3 }]), 6);
            });

            test('total of a cart', () => {
              const cart = new Cart();
              cart.add({ price: 5, count: 2 });
              assert.equal(cart.total, 10);
            });

            """));

    /// <summary>C#, xunit on the testing platform: <c>Money.Round</c> cuts instead of rounding half up. Its packages must be on the machine.</summary>
    /// <param name="xunit">Version of <c>xunit.v3</c> that is there.</param>
    public static SampleRepository CSharpMoney(string xunit) => SampleRepository.Of(
        (".gitignore", "bin/\nobj/\n"),
        ("global.json", """{ "test": { "runner": "Microsoft.Testing.Platform" } }"""),
        ("src/Shop.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
            </Project>
            """),
        ("src/Money.cs", """
            namespace Shop;

            public static class Money
            {
                public static decimal Round(decimal value) => decimal.Truncate(value * 100) / 100;
            }

            """),
        ("tests/Shop.Tests.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="xunit.v3" Version="{xunit}" />
                <ProjectReference Include="../src/Shop.csproj" />
              </ItemGroup>
            </Project>
            """),
        ("tests/MoneyTests.cs", """
            using Shop;
            using Xunit;

            public class MoneyTests
            {
                [Fact]
                public void Keeps_what_is_round() => Assert.Equal(1.20m, Money.Round(1.20m));

                [Fact]
                public void Rounds_half_up() => Assert.Equal(1.24m, Money.Round(1.235m));
            }

            """));
}
