using System.Diagnostics;
using MetaMap.Testing;

namespace MetaMap.Interchange.Tests;

/// <summary>Debian's Python with its numpy, or whichever <c>python3</c> comes first on other systems.</summary>
internal static class Interpreter
{
    private const string OfDebian = "/usr/bin/python3";

    private static readonly Lazy<string?> _whyNot = new(Check);

    /// <summary>Null where there is one with numpy; otherwise a sentence that says what is missing.</summary>
    public static string? WhyNot => _whyNot.Value;

    /// <summary>True in CI: there, no test is skipped.</summary>
    public static bool IsRequired => Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>Runs it in the client's folder to its end.</summary>
    /// <returns>Exit code, and all that it has written.</returns>
    public static async Task<(int ExitCode, string Said)> Run(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        ProcessStartInfo start = new(File.Exists(OfDebian) ? OfDebian : "python3", ["-W", "error", "-B", .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.PathOf("clients", "python"),
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    private static string? Check()
    {
        try
        {
            return Run(new Dictionary<string, string>(), "-c", "import numpy").GetAwaiter().GetResult().ExitCode == 0
                ? null : "Python has no numpy (to have this test: apt-get install python3-numpy)";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "no Python is installed (to have this test: apt-get install python3-numpy)";
        }
    }
}

/// <summary>Tests with an <see cref="Interpreter"/>: skipped on a developer's machine without one, never in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonTheoryAttribute : TheoryAttribute
{
    /// <summary>Decides whether the tests run.</summary>
    public PythonTheoryAttribute()
    {
        Skip = Interpreter.IsRequired ? null : Interpreter.WhyNot;
    }
}
