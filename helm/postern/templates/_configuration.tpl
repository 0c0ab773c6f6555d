{{/*
What Postern reads as postern.yaml, made of the other values, with .Values.config merged over it.
These templates return YAML, for fromYaml.
*/}}

{{/* The protocol of a service, and with it the key of its backend. */}}
{{- define "postern.protocol" -}}
{{- trimSuffix "s" . -}}
{{- end -}}

{{- define "postern.backends" -}}
{{- $backends := mustMergeOverwrite (deepCopy .Values.backends) (deepCopy (default dict .Values.config.backends)) -}}
{{- if not $backends -}}
{{- fail "backends: say which servers are behind, for instance --set backends.imap.profile=dovecot-2.4 --set backends.imap.addresses={10.0.0.5}" -}}
{{- end -}}
{{- toYaml $backends -}}
{{- end -}}

{{/* The listeners that there are, by name: enabled, and with a backend. */}}
{{- define "postern.listeners" -}}
{{- $backends := include "postern.backends" . | fromYaml -}}
{{- $listeners := dict -}}
{{- range $name, $listener := .Values.listeners -}}
{{- if $listener -}}
{{- $service := default $name $listener.service -}}
{{- if and (hasKey $listener "enabled" | ternary $listener.enabled true) (hasKey $backends (include "postern.protocol" $service)) -}}
{{- $_ := set $listeners $name (merge (dict "service" $service) $listener) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if not $listeners -}}
{{- fail "listeners: none is enabled for any of the backends" -}}
{{- end -}}
{{- toYaml $listeners -}}
{{- end -}}

{{/*
The certificates from Secrets: name and secretName, and how the files are called. Those of cert-manager first, then
tls.secretName, then the others.
*/}}
{{- define "postern.secretCertificates" -}}
{{- $certificates := list -}}
{{- if .Values.certManager.enabled -}}
{{- range .Values.certManager.algorithms -}}
{{- $name := lower . -}}
{{- $certificates = append $certificates (dict "name" $name "secretName" (printf "%s-tls-%s" (include "postern.fullname" $) $name)) -}}
{{- end -}}
{{- end -}}
{{- with .Values.tls.secretName -}}
{{- $certificates = append $certificates (dict "name" "main" "secretName" .) -}}
{{- end -}}
{{- $certificates = concat $certificates .Values.tls.certificates -}}
{{- $names := list -}}
{{- range $certificates -}}
{{- if has .name $names -}}
{{- fail (printf "tls.certificates: there are two named %s; tls.secretName is main, those of certManager are ecdsa and rsa" .name) -}}
{{- end -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- toYaml (dict "certificates" $certificates) -}}
{{- end -}}

{{- define "postern.certificates" -}}
{{- $certificates := list -}}
{{- range (include "postern.secretCertificates" . | fromYaml).certificates -}}
{{- $folder := printf "/run/secrets/postern/tls/%s" .name -}}
{{- $certificate := dict "name" .name -}}
{{- if .pkcs12Key -}}
{{- $_ := set $certificate "pkcs12" (printf "%s/%s" $folder .pkcs12Key) -}}
{{- $_ := set $certificate "password-file" (printf "%s/%s" $folder .passwordKey) -}}
{{- else -}}
{{- $_ := set $certificate "chain" (printf "%s/%s" $folder (default "tls.crt" .chainKey)) -}}
{{- $_ := set $certificate "key" (printf "%s/%s" $folder (default "tls.key" .keyKey)) -}}
{{- with .keyPasswordKey -}}
{{- $_ := set $certificate "key-password-file" (printf "%s/%s" $folder .) -}}
{{- end -}}
{{- end -}}
{{- with .names -}}
{{- $_ := set $certificate "names" . -}}
{{- end -}}
{{- if hasKey . "ocsp" -}}
{{- $_ := set $certificate "ocsp" .ocsp -}}
{{- end -}}
{{- $certificates = append $certificates $certificate -}}
{{- end -}}
{{- toYaml (dict "certificates" (concat $certificates (default list .Values.config.certificates))) -}}
{{- end -}}

{{/* Names of the listeners behind a Service; .listeners: those that it names, .all: those that there are. */}}
{{- define "postern.behind" -}}
{{- $names := list -}}
{{- range $name, $listener := .all -}}
{{- if or (not $.listeners) (has $name $.listeners) -}}
{{- $names = append $names $name -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "names" $names) -}}
{{- end -}}

{{/* Names of the listeners behind the first Service that a test may connect to: whoever is not the balancer is turned away. */}}
{{- define "postern.direct" -}}
{{- $behind := (include "postern.behind" (dict "listeners" .Values.service.listeners "all" (include "postern.listeners" . | fromYaml)) | fromYaml).names -}}
{{- $names := list -}}
{{- range (include "postern.configuration" . | fromYaml).listeners -}}
{{- if and (has .name $behind) (not (index . "proxy-protocol")) -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- end -}}
{{- toYaml (dict "names" $names) -}}
{{- end -}}

{{- define "postern.configuration" -}}
{{- $all := include "postern.listeners" . | fromYaml -}}
{{- $exposed := (include "postern.behind" (dict "listeners" .Values.service.listeners "all" $all) | fromYaml).names -}}
{{- $listeners := list -}}
{{- range $name, $listener := $all -}}
{{- $entry := dict "name" $name "service" $listener.service "address" (printf ":%d" (int $listener.containerPort)) -}}
{{- if and $.Values.service.proxyProtocol.from (has $name $exposed) -}}
{{- $_ := set $entry "proxy-protocol" $.Values.service.proxyProtocol.from -}}
{{- end -}}
{{- $listeners = append $listeners (mustMergeOverwrite $entry (deepCopy (default dict $listener.config))) -}}
{{- end -}}

{{- $certificates := (include "postern.certificates" . | fromYaml).certificates -}}
{{- if not $certificates -}}
{{- if not (dig "tls" "without-certificate" false .Values.config) -}}
{{- fail "tls.secretName: name a Secret with the certificate, or set certManager.enabled; there is no TLS without" -}}
{{- end -}}
{{- end -}}

{{- $tls := dict -}}
{{- if eq .Values.sessionTickets.keys "shared" -}}
{{- $keys := list -}}
{{- range list "current" "previous" "next" -}}
{{- $keys = append $keys (printf "/run/secrets/postern/tickets/%s" .) -}}
{{- end -}}
{{- $_ := set $tls "tickets" $keys -}}
{{- else if eq .Values.sessionTickets.keys "none" -}}
{{- $_ := set $tls "tickets" "off" -}}
{{- end -}}

{{- $made := dict
      "hostname" (include "postern.hostname" .)
      "listeners" $listeners
      "backends" (include "postern.backends" . | fromYaml)
      "management" (dict "address" (printf ":%d" (int .Values.management.containerPort))) -}}
{{- with $tls -}}
{{- $_ := set $made "tls" . -}}
{{- end -}}
{{- $configuration := mustMergeOverwrite $made (deepCopy .Values.config) -}}
{{- with $certificates -}}
{{- $_ := set $configuration "certificates" . -}}
{{- end -}}
{{- include "postern.spell" $configuration -}}
{{- toYaml $configuration -}}
{{- end -}}

{{/*
Undoes in place what the YAML of Helm makes of two kinds of words: off, which it takes for false, and 1.0, for 1.
*/}}
{{- define "postern.spell" -}}
{{- $switched := list "ocsp" "tickets" "file" "message-size" "client-certificates" -}}
{{- range $key, $value := . -}}
{{- if and (has $key $switched) (kindIs "bool" $value) (not $value) -}}
{{- $_ := set $ $key "off" -}}
{{- else if and (has $key (list "minimum" "maximum")) (not (kindIs "string" $value)) -}}
{{- $_ := set $ $key (printf "%.1f" (float64 $value)) -}}
{{- else if kindIs "map" $value -}}
{{- include "postern.spell" $value -}}
{{- else if kindIs "slice" $value -}}
{{- range $value -}}
{{- if kindIs "map" . -}}
{{- include "postern.spell" . -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A duration of postern.yaml in whole seconds, rounded up. */}}
{{- define "postern.seconds" -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- if eq $unit "ms" -}}{{- div (add $number 999) 1000 -}}
{{- else -}}{{- mul $number (get (dict "s" 1 "m" 60 "h" 3600 "d" 86400) $unit) -}}
{{- end -}}
{{- end -}}

{{- define "postern.terminationGracePeriod" -}}
{{- $drain := include "postern.seconds" (dig "limits" "drain-deadline" "30s" .Values.config) -}}
{{- add $drain .Values.shutdown.preStopSeconds .Values.shutdown.marginSeconds -}}
{{- end -}}

{{/* Host and port of a server as it is written under backends; .address, and .usual for one without a port. */}}
{{- define "postern.endpoint" -}}
{{- if hasPrefix "[" .address -}}
{{- $parts := splitList "]" (trimPrefix "[" .address) -}}
{{- toYaml (dict "host" (first $parts) "port" (int (default .usual (trimPrefix ":" (last $parts))))) -}}
{{- else if eq (len (splitList ":" .address)) 2 -}}
{{- $parts := splitList ":" .address -}}
{{- toYaml (dict "host" (first $parts) "port" (int (last $parts))) -}}
{{- else -}}
{{- toYaml (dict "host" .address "port" (int .usual)) -}}
{{- end -}}
{{- end -}}
