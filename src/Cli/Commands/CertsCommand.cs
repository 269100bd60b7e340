using System.CommandLine;
using System.Globalization;
using MetaMap.Cli.Errors;
using MetaMap.Cli.Help;
using MetaMap.Cli.Options;
using MetaMap.Cli.Output;
using MetaMap.Core;
using MetaMap.Shared.Security;

namespace MetaMap.Cli.Commands;

/// <summary><c>metamap certs</c>: makes a development authority, and certificates for nodes.</summary>
internal static class CertsCommand
{
    private const int MostDays = 3650;

    // So that a node can be asked from its own machine.
    private static readonly string[] _here = ["localhost", "127.0.0.1", "::1"];

    public static Command Create()
    {
        Command command = new("certs", "Makes a development certificate authority, unless the folder has one, and a node's certificate signed by it, for --tls.");
        Option<string> output = new("--out") { HelpName = "DIR", Description = "Folder of the files: ca.pem, ca.key (keep it there), node.pem, node.key.", Required = true };
        Option<string[]> hosts = new("--host")
        {
            HelpName = "HOST",
            Description = "Host name or address by which others reach the node; may be given again. localhost and the loopback addresses are always in the certificate.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [Environment.MachineName],
        };
        Option<string> name = new("--name") { HelpName = "NAME", Description = "Name of the node's files; --tls reads 'node'.", DefaultValueFactory = _ => NodeCertificate.DefaultName };
        Option<int> days = new("--days") { HelpName = "DAYS", Description = "Days that the node's certificate is valid.", DefaultValueFactory = _ => 365 };
        Option<bool> json = CommonOptions.Json();
        command.Example("an authority, and a certificate for a node at this address", "certs --out certs --host 10.0.0.5");
        command.Example("one for another node, of the same authority", "certs --out certs --host 10.0.0.6 --name second");
        command.Add(OptionGroups.Security, hosts, days);
        command.Add(OptionGroups.Output, output, name, json);

        hosts.Check(CheckHosts);
        name.Check(CheckName);
        days.Check(CheckDays);
        command.SetAction(parsed => Make(
            parsed.GetValue(output)!, parsed.GetValue(name)!, [.. parsed.GetValue(hosts)!.Concat(_here).Distinct(StringComparer.OrdinalIgnoreCase)], parsed.GetValue(days), new Reporter(parsed.GetValue(json))));
        return command;
    }

    private static void CheckHosts(string[]? hosts)
    {
        if (hosts!.FirstOrDefault(host => Uri.CheckHostName(host) == UriHostNameType.Unknown) is { } bad)
        {
            throw new ConfigurationException($"--host is '{bad}', but it must be a host name or an address, without a port.");
        }
    }

    private static void CheckName(string? name)
    {
        if (name!.Length is 0 or > 100 || name is "ca" || !char.IsAsciiLetterOrDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
        {
            throw new ConfigurationException($"--name is '{name}', but it must be letters, digits, dots, hyphens and underscores, the first a letter or digit, and not 'ca'.");
        }
    }

    private static void CheckDays(int days)
    {
        if (days is < 1 or > MostDays)
        {
            throw new ConfigurationException($"--days is {days}, but it must be 1 to {MostDays}.");
        }
    }

    private static int Make(string folder, string name, string[] hosts, int days, Reporter reporter)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        (CertificateAuthority authority, bool isNew) = CertificateAuthority.OpenOrCreate(folder, now);
        using (authority)
        {
            DateTimeOffset notAfter = authority.Issue(folder, name, hosts, now, TimeSpan.FromDays(days));
            string file = Path.Combine(folder, $"{name}.pem");
            string day = notAfter.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            reporter.Event(
                new { Event = "certificate", Authority = Path.Combine(folder, NodeCertificate.AuthorityFile), AuthorityIsNew = isNew, Certificate = file, Hosts = hosts, NotAfter = notAfter.UtcDateTime },
                $"{(isNew ? "new" : "existing")} authority {Path.Combine(folder, NodeCertificate.AuthorityFile)}\n"
                + $"certificate {file} for {string.Join(", ", hosts)}, valid until {day}\n"
                + $"give each node {NodeCertificate.AuthorityFile} and its own two files as {NodeCertificate.DefaultName}.pem and {NodeCertificate.DefaultName}.key; {CertificateAuthority.KeyFile} stays here"
                + (name != NodeCertificate.DefaultName ? "" : $"\non this machine: {OwnName.Called} coordinator{Hints.Node(folder)}; then {OwnName.Called} status{Hints.Client("https://127.0.0.1:8080", folder)}"));
        }

        return ExitCode.Ok;
    }
}
