using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using MetaMap.Testing;

namespace MetaMap.Coordinator.Tests.Stores;

/// <summary>
/// A real PostgreSQL server for the tests of a class: its own files, a free port on 127.0.0.1, a random password, and
/// fsync on. It ends with the test process, however that ends, and its files are removed.
/// Use: <c>IClassFixture&lt;PostgresServer&gt;</c> with <see cref="PostgresFactAttribute"/> on the tests.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string User = "metamap";
    private const string SystemUser = "postgres";
    private static readonly string? _programs = FindPrograms();

    private readonly string _folder = Directory.CreateTempSubdirectory("metamap-postgres-").FullName;
    private readonly string _password = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private Process? _server;
    private int _databases;
    private int _port;

    /// <summary>Null where a server can be started; otherwise a sentence that says what is missing.</summary>
    public static string? WhyNot => !OperatingSystem.IsLinux() ? "tests start a PostgreSQL server on Linux only"
        : _programs is null ? "no PostgreSQL server is installed (to have this test: apt-get install postgresql)"
        : Environment.IsPrivilegedProcess && !File.ReadLines("/etc/passwd").Any(line => line.StartsWith(SystemUser + ":", StringComparison.Ordinal))
            ? $"PostgreSQL does not run as root, and there is no system user {SystemUser}"
        : null;

    /// <summary>True in CI: there, no test is skipped.</summary>
    public static bool IsRequired => Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>Starts the server; nothing where <see cref="WhyNot"/> says why not, because the tests are skipped then.</summary>
    public async Task InitializeAsync()
    {
        if (WhyNot is { } reason)
        {
            Assert.False(IsRequired, reason);
            return;
        }

        string passwordFile = Path.Combine(_folder, "password");
        await File.WriteAllTextAsync(passwordFile, _password);
        if (Environment.IsPrivilegedProcess)
        {
            await Run("chown", "-R", SystemUser, _folder);
        }

        await RunAsSystemUser(
            "initdb", "--pgdata", DataFolder, "--username", User, "--pwfile", passwordFile, "--auth", "scram-sha-256",
            "--encoding", "UTF8", "--no-locale", "--no-sync");
        await Start();
    }

    /// <summary>Stops the server and removes its files.</summary>
    public async Task DisposeAsync()
    {
        await Stop();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Makes an empty database and returns how Npgsql connects to it.</summary>
    public async Task<string> NewDatabase()
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        await Run(Program("createdb"), "--host", "127.0.0.1", "--port", Text(_port), "--username", User, "--no-password", name);
        return string.Create(
            CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Database={name};Username={User};Password={_password}");
    }

    /// <summary>Starts the server (again, on the same port and files) and waits until it takes connections.</summary>
    public async Task Start()
    {
        _port = _port == 0 ? FreePort() : _port;
        // The server ends when this process ends, even when that is killed: then the shell reads the end of its input.
        ProcessStartInfo start = Command(AsSystemUser(
        [
            "sh", "-c", "\"$@\" > \"$0\" 2>&1 < /dev/null & read -r _; kill -INT $! 2> /dev/null; wait $!",
            Path.Combine(_folder, "log"), Program("postgres"), "-D", DataFolder, "-p", Text(_port),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=on",
        ]));
        start.RedirectStandardInput = true;
        _server = Process.Start(start)!;
        using CancellationTokenSource timeout = new(TestTime.Limit);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100));
        while (!await Answers())
        {
            if (_server.HasExited || !await timer.WaitForNextTickAsync(timeout.Token))
            {
                throw new InvalidOperationException($"PostgreSQL ended at once: {await File.ReadAllTextAsync(Path.Combine(_folder, "log"))}");
            }
        }
    }

    /// <summary>Stops the server; what is committed stays.</summary>
    public async Task Stop()
    {
        if (_server is { } server)
        {
            _server = null;
            server.StandardInput.Close();
            using CancellationTokenSource timeout = new(TestTime.Limit);
            await server.WaitForExitAsync(timeout.Token);
            server.Dispose();
        }
    }

    private string DataFolder => Path.Combine(_folder, "data");

    private async Task<bool> Answers()
    {
        using Process asked = Process.Start(Command([Program("pg_isready"), "--quiet", "--host", "127.0.0.1", "--port", Text(_port)]))!;
        await asked.WaitForExitAsync();
        return asked.ExitCode == 0;
    }

    private Task RunAsSystemUser(string program, params string[] arguments)
    {
        string[] words = AsSystemUser([Program(program), .. arguments]);
        return Run(words[0], words[1..]);
    }

    private async Task Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = Command([program, .. arguments]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        start.Environment["PGPASSWORD"] = _password;
        using Process process = Process.Start(start)!;
        using CancellationTokenSource timeout = new(TestTime.Limit);
        string[] said = await Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(timeout.Token), process.StandardError.ReadToEndAsync(timeout.Token));
        await process.WaitForExitAsync(timeout.Token);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed with exit code {process.ExitCode}: {string.Concat(said)}");
        }
    }

    private static string[] AsSystemUser(string[] words) =>
        Environment.IsPrivilegedProcess ? ["runuser", "-u", SystemUser, "--", .. words] : words;

    private ProcessStartInfo Command(string[] words) => new(words[0], words[1..]) { UseShellExecute = false, WorkingDirectory = _folder };

    private static string Program(string name) => Path.Combine(_programs!, name);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The newest version in the folders of Debian, Fedora and the PATH.</summary>
    private static string? FindPrograms() => (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [])
        .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int version) ? version : 0)
        .Select(folder => Path.Combine(folder, "bin"))
        .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        .Append("/usr/pgsql/bin")
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
}

/// <summary>A test with a <see cref="PostgresServer"/>: skipped on a developer's machine that cannot start one, never in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    /// <summary>Decides whether the test runs.</summary>
    public PostgresFactAttribute()
    {
        Skip = PostgresServer.IsRequired ? null : PostgresServer.WhyNot;
    }
}

/// <summary>As <see cref="PostgresFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    /// <summary>Decides whether the test runs.</summary>
    public PostgresTheoryAttribute()
    {
        Skip = PostgresServer.IsRequired ? null : PostgresServer.WhyNot;
    }
}
