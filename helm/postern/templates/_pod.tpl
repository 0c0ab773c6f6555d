{{/* What the proxy's pods and the tests share: the files that the configuration names. */}}
{{- define "postern.volumes" -}}
- name: config
  configMap:
    name: {{ include "postern.fullname" . }}
# For the JVM's own performance data, and what options in jvm.options may want to write; Postern writes nothing there.
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- range (include "postern.secretCertificates" . | fromYaml).certificates }}
- name: tls-{{ .name }}
  secret:
    secretName: {{ .secretName }}
    defaultMode: 288 # 0440
{{- end }}
{{- if eq .Values.sessionTickets.keys "shared" }}
- name: tickets
  secret:
    secretName: {{ include "postern.ticketSecret" . }}
    defaultMode: 288 # 0440
{{- end }}
{{- range $name, $file := .Values.secretFiles }}
- name: file-{{ $name }}
  secret:
    secretName: {{ $file.secretName }}
    defaultMode: 288 # 0440
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "postern.volumeMounts" -}}
- name: config
  mountPath: /etc/postern
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- range (include "postern.secretCertificates" . | fromYaml).certificates }}
- name: tls-{{ .name }}
  mountPath: /run/secrets/postern/tls/{{ .name }}
  readOnly: true
{{- end }}
{{- if eq .Values.sessionTickets.keys "shared" }}
- name: tickets
  mountPath: /run/secrets/postern/tickets
  readOnly: true
{{- end }}
{{- range $name, $file := .Values.secretFiles }}
- name: file-{{ $name }}
  mountPath: /run/secrets/postern/files/{{ $name }}
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}
