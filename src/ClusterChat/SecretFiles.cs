using System.Security.Cryptography;
using System.Text;
using ClusterChat.Gateway.Identity;
using ClusterChat.Storage.Postgres;
using Npgsql;

namespace ClusterChat.Host;

/// <summary>Secrets that stand in files, as they are mounted into containers.</summary>
internal static class SecretFiles
{
    private const int LeastSecretBytes = 32;

    /// <summary>Reads the files that the options name into what the node uses.</summary>
    /// <returns>What is wrong, each with the key below <see cref="NodeOptions.Section"/>. It repeats nothing of a file.</returns>
    public static IEnumerable<(string Key, string Problem)> Read(NodeOptions options)
    {
        options.ConnectionString = options.Postgres;
        if (options.PostgresFile is { } file)
        {
            if (options.Postgres is not null)
            {
                yield return (nameof(options.PostgresFile), "ClusterChat:Postgres (option --postgres) is set too; only one of them can count");
            }
            else if (TryRead(file, out var problem) is not { } text)
            {
                yield return (nameof(options.PostgresFile), problem);
            }
            else if (PostgresStorageOptions.Problem(text) is { } wrong)
            {
                yield return (nameof(options.PostgresFile), $"{file}: {wrong}");
            }
            else
            {
                options.ConnectionString = text;
            }
        }

        if (options.ConnectionString is { } connection && PasswordIn(connection) is { Length: > 0 } password && PlaceholderSecrets.Check(password) is { } placeholder)
        {
            yield return (options.Postgres is null ? nameof(options.PostgresFile) : nameof(options.Postgres), "the password " + placeholder);
        }

        if (options.PostgresPasswordFile is { } passwordFile && PasswordProblem(options, passwordFile) is { } passwordProblem)
        {
            yield return (nameof(options.PostgresPasswordFile), passwordProblem);
        }

        if (options.SecretFile is { } secretFile)
        {
            if (ReadSecret(secretFile, out var problem) is { } secret)
            {
                options.ClusterSecret = secret;
            }
            else
            {
                yield return (nameof(options.SecretFile), problem);
            }
        }

        foreach (var acceptedFile in options.AcceptedSecretFiles)
        {
            if (ReadSecret(acceptedFile, out var problem) is { } secret)
            {
                options.AcceptedSecrets.Add(secret);
            }
            else
            {
                yield return (nameof(options.AcceptedSecretFiles), problem);
            }
        }
    }

    private static byte[]? ReadSecret(string file, out string problem)
    {
        if (TryRead(file, out problem) is not { } secret)
        {
            return null;
        }

        if (Encoding.UTF8.GetByteCount(secret) < LeastSecretBytes)
        {
            problem = $"{file} has less than {LeastSecretBytes} bytes; \"openssl rand -base64 32\" makes a good one";
            return null;
        }

        if (PlaceholderSecrets.Check(secret) is { } placeholder)
        {
            problem = $"{file} {placeholder}";
            return null;
        }

        return Derive(secret);
    }

    /// <summary>A password as it stands in its file now: it may have been changed since the node started.</summary>
    /// <exception cref="IOException">It cannot be read, or is empty.</exception>
    public static async ValueTask<string> ReadPasswordAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            var password = (await File.ReadAllTextAsync(file, cancellationToken)).TrimEnd('\r', '\n');
            return password.Length > 0 ? password : throw new IOException($"{file} is empty");
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    private static string? PasswordProblem(NodeOptions options, string file)
    {
        if (options.ConnectionString is null)
        {
            return "needs ClusterChat:Postgres (option --postgres) or ClusterChat:PostgresFile";
        }

        if (TryRead(file, out var problem) is not { } password)
        {
            return problem;
        }

        return PlaceholderSecrets.Check(password) is { } placeholder ? $"{file} {placeholder}"
            : string.IsNullOrEmpty(PasswordIn(options.ConnectionString)) ? null
            : "the connection string has a password too; only one of them can count";
    }

    private static string? PasswordIn(string connection)
        => PostgresStorageOptions.Problem(connection) is null ? new NpgsqlConnectionStringBuilder(connection).Password : null;

    /// <summary>The file's text without the line's end that editors put there; null, and why, where there is none.</summary>
    private static string? TryRead(string file, out string problem)
    {
        problem = string.Empty;
        try
        {
            var text = File.ReadAllText(file).TrimEnd('\r', '\n');
            if (!string.IsNullOrWhiteSpace(text))
            {
                return text;
            }

            problem = $"{file} is empty";
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = $"there is no file {file}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = $"{file} cannot be read: {error.Message}";
        }

        return null;
    }

    // Whatever its form, what the cluster's keys are derived from has the length of a key (HKDF's first step, RFC 5869).
    private static byte[] Derive(string secret)
        => HKDF.Extract(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), "clusterchat secret file v1"u8.ToArray());
}
